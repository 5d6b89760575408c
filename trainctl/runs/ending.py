"""How a run ended: its last event, status and exit code."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from trainctl.errors import DivergedError, ExpectationError, TrainctlError, exit_code_of
from trainctl.events import (
    BaselineMeasured,
    CallbacksTimed,
    ChildFinished,
    ChildRuns,
    DataLoaded,
    EpochEnded,
    Event,
    ExpectationResult,
    RunFinished,
)
from trainctl.runs import snapshots
from trainctl.runs.layout import RunDirectory
from trainctl.runs.signals import StopRequest


@dataclass(frozen=True, slots=True)
class Outcome:
    """What training came to.

    Args:
        epochs: Epochs that were run.
        metrics: Those of the weights that were kept.
        kept_epoch: The epoch (from 1) they are of.
        expectations: The experiment's expectations with their values.
        weights: BLAKE2b of the weights that were kept, in hexadecimal.
        children: The runs that it consists of, whose means `metrics` are; then no one epoch is kept.
    """

    epochs: int
    metrics: Mapping[str, float]
    kept_epoch: int | None
    expectations: tuple[ExpectationResult, ...] = ()
    weights: str | None = None
    children: ChildRuns | None = None

    @property
    def missed(self) -> tuple[ExpectationResult, ...]:
        """The expectations that were not met."""
        return tuple(each for each in self.expectations if not each.met)


@dataclass(slots=True)
class Tally:
    """What has been seen of the run so far, for its last words."""

    epochs: int = 0
    metrics: Mapping[str, float] = field(default_factory=dict)
    stand_in_for: str | None = None
    callback_seconds: Mapping[str, float] = field(default_factory=dict)
    is_kept: bool = True
    children: ChildRuns | None = None
    baseline: BaselineMeasured = field(default_factory=lambda: BaselineMeasured(baseline={}))

    def __call__(self, event: Event) -> None:
        """Keep what `event` says."""
        if isinstance(event, EpochEnded):
            self.epochs, self.metrics = event.epoch, event.metrics
        elif isinstance(event, DataLoaded):
            self.stand_in_for = event.stand_in_for
        elif isinstance(event, BaselineMeasured):
            self.baseline = event
        elif isinstance(event, ChildFinished):
            self.children, self.epochs = event.so_far, sum(run.epochs for run in event.so_far.runs)
        elif isinstance(event, CallbacksTimed):
            self.callback_seconds = event.seconds


def make_run_finished(
    directory: RunDirectory,
    tally: Tally,
    outcome: Outcome | None,
    error: BaseException | None,
    stop: StopRequest,
    seconds: float,
) -> RunFinished:
    """Return the last event of a session.

    Args:
        directory: The run directory.
        tally: What has been seen of the run.
        outcome: What training came to, where it came to its end.
        error: What ended the run, where it did not simply end.
        stop: The signal that did.
        seconds: How long the session took.
    """
    status, exit_code, message = _ending(error, stop)
    return RunFinished(
        status=status,
        exit_code=exit_code,
        epochs=outcome.epochs if outcome else tally.epochs,
        seconds=seconds,
        directory=str(directory.shown) if tally.is_kept else "",
        run_id=directory.run_id,
        metrics=outcome.metrics if outcome else tally.metrics,
        kept_epoch=outcome.kept_epoch if outcome else None,
        weights=outcome.weights if outcome else None,
        children=outcome.children if outcome else tally.children,
        baseline=tally.baseline.baseline,
        majority=tally.baseline.majority,
        expectations=outcome.expectations if outcome else (),
        stand_in_for=tally.stand_in_for,
        callback_seconds=tally.callback_seconds,
        message=message,
        hint=error.hint if isinstance(error, TrainctlError) else None,
        diagnostics=tuple(each.as_dict() for each in error.diagnostics) if isinstance(error, TrainctlError) else (),
        resume=_resume_command(directory, tally, error) if tally.is_kept and error is not None else None,
    )


def _resume_command(directory: RunDirectory, tally: Tally, error: BaseException) -> str | None:
    """Return the command that continues the run; `None` if that would end as it did."""
    if isinstance(error, ExpectationError | DivergedError):
        return None
    runs = () if tally.children is None else tally.children.runs
    has_progress = bool(snapshots.paths(directory)) or any(run.status == "done" for run in runs)
    if not isinstance(error, KeyboardInterrupt) and not has_progress:
        return None
    return f"trainctl resume {shlex.quote(str(directory.shown))}"


def _ending(error: BaseException | None, stop: StopRequest) -> tuple[str, int, str | None]:
    """Return the status, the exit code, and what there is to say."""
    if error is None:
        return "done", 0, None
    if isinstance(error, KeyboardInterrupt):
        asked = stop.ending
        return asked.status, asked.exit_code, f"{asked.status} by {asked.by}"
    bug = f"a bug in trainctl: {type(error).__name__}: {error}"
    return "failed", exit_code_of(error), str(error) if isinstance(error, TrainctlError) else bug
