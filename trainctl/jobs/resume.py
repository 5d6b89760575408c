"""Going on with a run: in its own directory as if never interrupted, or in a new one with any change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainctl import catalog
from trainctl.aliases import Value
from trainctl.components.spec import CALLBACKS
from trainctl.config.compose.variables import changed
from trainctl.config.experiment import Experiment, KerasComponent
from trainctl.config.load import Loaded
from trainctl.config.model.keras_names import canonical_name
from trainctl.config.render import flat_settings
from trainctl.errors import RunDirError
from trainctl.events import RunFinished, Sink
from trainctl.files import ASIDE
from trainctl.jobs import session
from trainctl.jobs.session import Draw, MakeDisplay
from trainctl.runs import snapshots
from trainctl.runs.directory import create, keep_reserve
from trainctl.runs.ending import Outcome
from trainctl.runs.experiment_files import write_inputs, write_resolved
from trainctl.runs.failure import in_directory
from trainctl.runs.layout import DAMAGED, RunDirectory
from trainctl.runs.lock import locked
from trainctl.runs.outputs import require_others
from trainctl.runs.recorder import Recorder, environment, environment_changes
from trainctl.runs.signals import StopRequest
from trainctl.runs.snapshots import Snapshot
from trainctl.runs.store import Run
from trainctl.text import literal, one_of, plural

if TYPE_CHECKING:
    from trainctl.backend import keras

Work = Callable[[RunDirectory, Sink, StopRequest, Snapshot | None], Outcome]
Ended = tuple[RunFinished, BaseException | None]

# What changes neither the numbers nor the place that a run has come to.
_SAFE = ("description", "expect.", "vars.", "fit.epochs", "execution.snapshot.", "execution.recover.")


def resume(run: Run, old: Loaded, new: Loaded, work: Work, display: MakeDisplay, draw: Draw) -> Ended:
    """Go on with `run` in its own directory, from its newest whole snapshot, or from the start where it has none.

    Args:
        run: The run.
        old: Its experiment.
        new: Its experiment with `--set` arguments on top.
        work: The training.
        display: Makes the display.
        draw: Writes the plot.

    Returns:
        The last event, and what ended the run where it did not simply end.

    Raises:
        RunDirError: The run has ended, is running, or would get other numbers with the changed settings.
    """
    directory, seed = run.directory, int(run.record["seed"])
    with locked(directory):
        run = run.again()  # another process may have gone on with it until just now
        snapshot, damaged = snapshots.newest(directory)
        _require_unfinished(run, new, snapshot)
        _require_same_numbers(old, new, seed)
        snapshots.require_epochs(new.experiment.fit.epochs, snapshot)
        with in_directory(directory.path):
            notices = [*_set_aside(damaged, snapshot), *_describe_environment_changes(run.record)]
            growing = snapshots.growing(directory, old.experiment.callbacks)
            snapshots.cut(directory, growing, snapshot.files if snapshot else {})
            _sweep(directory)
            keep_reserve(directory)
            write_resolved(directory, new, seed)
        started = session.start_of(new, directory, seed, resumed=snapshot.place if snapshot else "from the start")
        return session.recorded(
            new, Recorder(directory, run.record), started, _from(snapshot, work), display, draw, notices
        )


def fork(run: Run, old: Loaded, new: Loaded, runs_dir: Path, work: Work, display: MakeDisplay, draw: Draw) -> Ended:
    """Go on from the newest whole snapshot of `run` in a new run, with any change that leaves the model as it is.

    What the changes touch begins anew: the state of a changed callback, or of another optimizer. So does ModelCheckpoint,
    whose best file is in the other directory.

    Args:
        run: The run; it may be running.
        old: Its experiment.
        new: The new run's experiment.
        runs_dir: The folder of all runs.
        work: The training.
        display: Makes the display.
        draw: Writes the plot.

    Returns:
        The last event, and what ended the run where it did not simply end.

    Raises:
        RunDirError: The run has no whole snapshot, the new one would write over its files elsewhere, or cannot be made.
    """
    snapshot = _newest_of_running(run.directory)
    if snapshot is None:
        raise RunDirError(
            f"the run {run.directory.run_id} has no snapshot to start from",
            hint=f"start anew: trainctl run {run.directory.resolved}",
        )
    snapshots.require_epochs(new.experiment.fit.epochs, snapshot)
    require_others(old.experiment, new.experiment, run.directory.run_id)
    start = _adapted(snapshot, old.experiment, new.experiment)
    directory, seed = create(runs_dir, new.name), seed_of(new, run)
    with locked(directory):
        write_inputs(directory, new, seed)
        growing = snapshots.growing(run.directory, old.experiment.callbacks)
        kept = [path for path in growing if path != run.directory.events]
        with in_directory(directory.path):
            snapshots.copy_growing(run.directory, directory, kept, snapshot.files)
            own = snapshots.growing(directory, new.experiment.callbacks)
            start = replace(start, files=snapshots.sizes(directory, own))
            # Before there is a record: no kill leaves a fork without its beginning.
            snapshots.hand_over(start, directory)
        origin = {"run_id": run.directory.run_id, "directory": str(run.directory.path), "place": snapshot.place}
        recorder = Recorder(directory, {"forked_from": origin})
        started = session.start_of(new, directory, seed, resumed=f"{snapshot.place} of {run.directory.run_id}")
        return session.recorded(new, recorder, started, _from(start, work), display, draw)


def _newest_of_running(directory: RunDirectory) -> Snapshot | None:
    """The newest whole snapshot; looked for again where the run has put a newer one in the place of those listed."""
    listed = snapshots.paths(directory)
    snapshot, _ = snapshots.newest(directory)
    if snapshot is None and snapshots.paths(directory) != listed:
        snapshot, _ = snapshots.newest(directory)
    return snapshot


def seed_of(loaded: Loaded, run: Run) -> int:
    """The seed with which `run` goes on, or its fork: the experiment's, where it gives one."""
    return int(run.record["seed"] if loaded.experiment.seed is None else loaded.experiment.seed)


def _from(snapshot: Snapshot | None, work: Work) -> session.Work:
    return lambda directory, emit, stop: work(directory, emit, stop, snapshot)


def _require_unfinished(run: Run, new: Loaded, snapshot: Snapshot | None) -> None:
    complete = run.record.get("status") == "done" or run.record.get("exit_code") == 8
    if not complete:
        return
    name, epochs = run.directory.run_id, snapshot.epoch if snapshot else int(run.record.get("epochs_run") or 0)
    if snapshot is not None and snapshot.stopped:
        raise RunDirError(
            f"the run {name} is done: it was stopped after {plural(epochs, 'epoch')}",
            hint=f"go on with other settings: trainctl resume {name} --fork NAME --set …",
        )
    wanted: Any = new.experiment.fit.epochs  # or still to come from the data
    if snapshot is None or not isinstance(wanted, int) or wanted <= epochs:
        raise RunDirError(
            f"the run {name} is done: it trained {plural(epochs, 'epoch')}",
            hint=f"train longer: trainctl resume {name} --set fit.epochs={2 * epochs}",
        )


def _require_same_numbers(old: Loaded, new: Loaded, seed: int) -> None:
    before, after = (
        flat_settings(old, seed),
        flat_settings(new, new.experiment.seed if new.experiment.seed is not None else seed),
    )
    paths = [path for path in dict.fromkeys([*before, *after]) if before.get(path) != after.get(path)]
    changes = [f"{path}: {_words(before, path)} → {_words(after, path)}" for path in paths if not _is_safe(path)]
    if changes:
        raise RunDirError(
            f"with other settings the run would get other numbers: {'; '.join(changes)}",
            hint="--fork NAME goes on with them in a new run",
        )


def _words(settings: Mapping[str, Value], path: str) -> str:
    return literal(settings[path]) if path in settings else "not set"


def _is_safe(path: str) -> bool:
    if path.startswith(_SAFE):
        return True
    section, _, rest = path.partition(".")
    spec = CALLBACKS.get(rest.partition(".")[0]) if section == "callbacks" else None
    return spec is not None and spec.only_watches


def _sweep(directory: RunDirectory) -> None:
    """Remove what a kill left half written."""
    for path in directory.path.rglob(ASIDE):
        if not path.is_dir():  # a person's own, whatever it is
            path.unlink()


def _set_aside(damaged: list[Path], snapshot: Snapshot | None) -> Iterator[str]:
    """Rename the damaged snapshots, so that they count no more, and say so."""
    for path in damaged:
        path.rename(path.with_name(path.name + DAMAGED))
        instead = f"going on {snapshot.place}" if snapshot else "starting over"
        yield f"the snapshot {path.name} is damaged: {instead}"


def _describe_environment_changes(record: Mapping[str, Value]) -> Iterator[str]:
    variables = list(changed(record.get("variables") or {}))
    if variables:
        yield f"the environment has other values than when the run began, for {one_of(variables, 'and')}"
    changes = list(environment_changes(record, environment()))
    if changes:
        yield f"the environment has changed since the run started; results may differ in the last bits: {'; '.join(changes)}"


def _adapted(snapshot: Snapshot, old: Experiment, new: Experiment) -> Snapshot:
    """The snapshot without the state that belongs to what has changed."""
    callbacks = dict(zip(snapshots.unique_names(old.callbacks), old.callbacks, strict=True))
    state = dict(snapshot.state)
    kept = dict(state["callbacks"])
    for name, spec in zip(snapshots.unique_names(new.callbacks), new.callbacks, strict=True):
        before = callbacks.get(name)
        if before is None or before.model_dump() != spec.model_dump() or spec.describes_files:
            kept.pop(name, None)
    state["callbacks"] = kept
    before, after = _described(old.compile.optimizer), _described(new.compile.optimizer)
    if _with_rate(before, None) != _with_rate(after, None):
        state.pop("optimizer", None)  # a fork of a fork may have none yet
    if before != after:
        rate = after[1].get("learning_rate") if isinstance(after, tuple) else None
        state["learning_rate"] = float(rate) if isinstance(rate, int | float) else None
    return replace(snapshot, state=state, stopped=False, recoveries=0)


def _described(value: Value) -> Any:
    """A component as its name and all its arguments, wherever and however it is written."""
    if not isinstance(value, KerasComponent):
        return value
    name = canonical_name(value) or value.name
    entry = catalog.find(value.kind, name)
    defaults = {each.name: each.default for each in entry.parameters if not each.required} if entry else {}
    return name, {**defaults, **{argument: _described(each) for argument, each in value.arguments.items()}}


def _with_rate(optimizer: keras.Optimizer, rate: Any) -> Any:
    return (optimizer[0], {**optimizer[1], "learning_rate": rate}) if isinstance(optimizer, tuple) else optimizer
