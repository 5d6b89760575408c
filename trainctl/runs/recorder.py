"""The recorder: a listener that keeps run.json, metrics.jsonl and events.jsonl."""

from __future__ import annotations

import os
import platform
import socket
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from trainctl.aliases import Value
from trainctl.events import (
    BaselineMeasured,
    CheckpointsKept,
    ChildFinished,
    DataLoaded,
    EpochEnded,
    Event,
    ExecutionDecided,
    ModelBuilt,
    Recovered,
    RunFinished,
    RunStarted,
    StageEnded,
    StageStarted,
    iso,
)
from trainctl.runs.children import recorded_children
from trainctl.runs.directory import append_json, release_reserve, write_json
from trainctl.runs.git import git_state
from trainctl.runs.layout import INFERENCE, MODEL, PLOT_FORMATS, RunDirectory
from trainctl.runs.timing import Timing
from trainctl.version import __version__

RECORD_VERSION = 1
_OF_THE_END = frozenset(
    {
        "ended",
        "error",
        "metrics",
        "baseline",
        "checkpoints",
        "majority",
        "weights",
        "kept_epoch",
        "epochs_run",
        "expectations",
        "callback_seconds",
        "models",
    }
)
_OF_AN_EVENT = frozenset({"event", "schema", "time"})
STAGES = "stages"
"""Where run.json tells of the stages: what each was to do, and what it came to."""
_OF_AN_EPOCH = ("epoch", "epochs", "metrics", "learning_rate", "seconds", "steps")
_PACKAGES = ("tensorflow", "keras", "numpy", "tensorboard", "scikit-learn", "pyarrow", "pydantic")


class Recorder:
    """A sink that writes down what happens in `directory`.

    A failure to write is an `OSError` out of the call: a run that cannot be recorded must not continue silently.

    Args:
        directory: The run directory.
        before: What run.json says of earlier sessions, where the run continues.
    """

    def __init__(self, directory: RunDirectory, before: Mapping[str, Value] | None = None) -> None:
        self.directory = directory
        self.facts: dict[str, Value] = {
            "schema": RECORD_VERSION,
            "run_id": directory.run_id,
            **{name: fact for name, fact in (before or {}).items() if name not in _OF_THE_END},
            "status": "running",
            "exit_code": None,
        }
        self._timing = Timing(self.facts.get("timing") or {})
        self._seconds_before = float(self.facts.get("seconds") or 0)

    def __call__(self, event: Event) -> None:
        """Write `event` down."""
        self._timing(event)
        if event.transient:
            return
        if not isinstance(event, RunFinished):  # the last words come after the space kept aside is given back
            append_json(self.directory.events, event.as_dict())
        if isinstance(event, EpochEnded):
            append_json(self.directory.metrics, metrics_line(event))
        facts = self._facts_of(event)
        if facts:
            self.facts |= facts
            write_json(self.directory.record, self.facts)

    def finish(self, event: RunFinished) -> None:
        """Write the last words, on the space kept aside where the disk is full."""
        release_reserve(self.directory)
        self._timing(event)
        self.facts |= {
            "status": event.status,
            "exit_code": event.exit_code,
            "ended": iso(event.time),
            "seconds": round(self._seconds_before + event.seconds, 3),
            "epochs_run": event.epochs,
            "kept_epoch": event.kept_epoch,
            "metrics": dict(event.metrics),
            "weights": event.weights,
            "expectations": [asdict(each) for each in event.expectations],
            "timing": dict(self._timing.seconds),
            "callback_seconds": {name: round(seconds, 3) for name, seconds in event.callback_seconds.items()},
            "models": [name for name in (MODEL, INFERENCE) if (self.directory.path / name).is_file()],
            "error": {"message": event.message, "hint": event.hint} if event.message else None,
        }
        if event.children is not None:
            self.facts |= recorded_children(event.children)
        self.facts.setdefault("sessions", [{}])[-1] |= {
            "ended": iso(event.time),
            "seconds": round(event.seconds, 3),
            "status": event.status,
        }
        write_json(self.directory.record, self.facts)
        append_json(self.directory.events, event.as_dict())

    def _started(self, event: RunStarted) -> dict[str, Value]:
        sessions = [*self.facts.get("sessions", []), session_of(event)]
        now = {
            "name": event.name,
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "epochs": event.epochs,
            "sessions": sessions,
            "overrides": [*self.facts.get("overrides", []), *event.overrides],
            "imports": [dict(each) for each in event.imports],
            "variables": dict(event.variables),
            "keras": dict(event.keras),
            "plot_format": event.plot_format or self.facts.get("plot_format") or PLOT_FORMATS[0],
            "places": {**self.facts.get("places", {}), **event.places},
            "given_data": dict(event.given_data) if event.given_data is not None else None,
            "definitions": [dict(each) for each in event.definitions],
        }
        if event.resumed is not None and len(sessions) > 1:
            return now
        return {
            "config": event.config,
            "seed": event.seed,
            "started": iso(event.time),
            **now,
            **environment(),
        }

    def _facts_of(self, event: Event) -> dict[str, Value]:
        if isinstance(event, RunStarted):
            return self._started(event)
        if isinstance(event, Recovered):
            fact = {name: value for name, value in event.as_dict().items() if name not in _OF_AN_EVENT}
            return {"recoveries": [*self.facts.get("recoveries", []), fact]}
        if isinstance(event, StageStarted | StageEnded):
            return {STAGES: _with_stage(self.facts.get(STAGES) or [], event)}
        if isinstance(event, ChildFinished):
            return recorded_children(event.so_far)
        if isinstance(event, DataLoaded):
            data = event.as_dict()
            known = {key: data[key] for key in data if key not in {*_OF_AN_EVENT, "data_schema"}}
            return {"data": {**known, "schema": data["data_schema"]}}
        if isinstance(event, CheckpointsKept):
            best = {"file": event.best, "metric": event.metric, "value": event.value}
            last = {"file": event.last, "metric": event.metric, "value": event.last_value, "epoch": event.last_epoch}
            return {"checkpoints": {"best": best, "last": last}}
        if isinstance(event, BaselineMeasured):
            known = {"baseline": event.baseline, "majority": event.majority}
            return {**known, **({"baseline_models": event.models} if event.models else {})}
        if isinstance(event, ModelBuilt):
            return {
                "device": event.device,
                "parameters": event.parameters,
                "callbacks": list(event.callbacks),
                "directions": dict(event.directions),
                "model": {
                    "name": event.model,
                    "trainable_parameters": event.trainable_parameters,
                    "nodes": [dict(each) for each in event.nodes],
                    "node_count": event.node_count,
                },
            }
        if isinstance(event, ExecutionDecided):
            return {"execution": {path: asdict(decision) for path, decision in event.decisions.items()}}
        return {}


def _with_stage(known: Sequence[Value], event: StageStarted | StageEnded) -> list[Value]:
    """Return what run.json says of the stages: one that goes on, or is done again, takes the place of what was said of it."""
    before, now = known[: event.number - 1], known[event.number - 1 : event.number]
    fact = {name: value for name, value in event.as_dict().items() if name not in _OF_AN_EVENT}
    is_begun = isinstance(event, StageEnded) and now
    return [*before, {**(now[0] if is_begun else {}), **fact}]


def session_of(event: RunStarted) -> dict[str, Value]:
    """Return what run.json says of one session of the run, until it ends."""
    return {"started": iso(event.time), "resumed": event.resumed, "pid": os.getpid(), "host": socket.gethostname()}


def metrics_line(event: EpochEnded) -> dict[str, Value]:
    """Return a line of metrics.jsonl."""
    return {
        "epoch": event.epoch,
        **event.metrics,
        "learning_rate": event.learning_rate,
        "seconds": round(event.seconds, 3),
    }


def metrics_of_events(events: Iterable[Mapping[str, Value]]) -> list[dict[str, Value]]:
    """Return the lines of metrics.jsonl that the lines of events.jsonl tell.

    Raises:
        KeyError, TypeError, ValueError: They are not as they were written.
    """
    lines: list[dict[str, Value]] = []
    for each in events:
        if each["event"] == EpochEnded.__name__:
            lines.append(metrics_line(EpochEnded(**{key: each[key] for key in _OF_AN_EPOCH})))
        elif each["event"] == Recovered.__name__:  # training went back: what came after the snapshot was cut
            lines = [line for line in lines if line["epoch"] <= each["epoch"]]
    return lines


def environment() -> dict[str, Value]:
    """Return what decides the bits of a run besides its settings: versions, threads, the switches of TensorFlow."""
    switches = ("TF_ENABLE_ONEDNN_OPTS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "CUDA_VISIBLE_DEVICES")
    return {
        "versions": {"trainctl": __version__, "python": platform.python_version(), **_versions()},
        "platform": platform.platform(),
        "cpu_count": os.cpu_count(),
        "switches": {name: os.environ[name] for name in switches if name in os.environ},
        "git": git_state(),
        "command": [Path(sys.argv[0]).name, *sys.argv[1:2]],
    }


_BITS_DEPEND_ON = ("versions", "platform", "cpu_count", "switches", "device")


def environment_changes(before: Mapping[str, Value], after: Mapping[str, Value]) -> Iterator[str]:
    """Yield what decides the bits of a run and differs between two records of it: `tensorflow 2.21.0 → 2.22.0`."""
    for key in _BITS_DEPEND_ON:
        if key in before and key in after:
            yield from _changes(key, before[key], after[key])


def _changes(key: str, before: Value, after: Value) -> Iterator[str]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys([*before, *after]):
            yield from _changes(name, before.get(name), after.get(name))
    elif before != after:
        yield f"{key} {before} → {after}"


def _versions() -> Mapping[str, str]:
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
