"""`resume`: continue a run in its own directory, as if never interrupted."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from trainctl.aliases import Value
from trainctl.components.spec import CALLBACKS
from trainctl.config.compose.variables import changed
from trainctl.config.load import Loaded
from trainctl.config.render import flat_settings
from trainctl.errors import RunDirError
from trainctl.events import Notice, RunFinished, Sink
from trainctl.files import ASIDE
from trainctl.jobs import session
from trainctl.jobs.base_runs import pin_base_runs
from trainctl.jobs.given_data import with_recorded_data
from trainctl.jobs.recorded import load_recorded
from trainctl.jobs.session import Ended
from trainctl.runs import snapshots
from trainctl.runs.directory import keep_reserve, take_over
from trainctl.runs.experiment_files import write_resolved
from trainctl.runs.failure import in_directory
from trainctl.runs.layout import DAMAGED, RunDirectory
from trainctl.runs.lock import locked
from trainctl.runs.outputs import require_allowed
from trainctl.runs.recorder import Recorder, environment, environment_changes
from trainctl.runs.snapshots import Snapshot
from trainctl.runs.store import Run
from trainctl.sources.given import GivenData
from trainctl.text import literal, one_of, plural

# What changes neither the numbers nor the place that a run has come to.
_SAFE = ("name", "description", "expect.", "vars.", "fit.epochs", "execution.snapshot.", "execution.recover.")


def resume(
    run: Run,
    watch: Sink,
    overrides: Sequence[str] = (),
    imports: Sequence[str] = (),
    runs_dir: Path = Path("runs"),
    allowed_outputs: Sequence[str] = (),
    given: GivenData | None = None,
) -> Ended:
    """Go on with `run` in its own directory, from its newest whole snapshot, or from the start where it has none.

    Args:
        run: The run.
        watch: Where events go besides the record.
        overrides: `--set` arguments on top of its experiment, which leave its numbers as they are.
        imports: `--import` arguments; where there are none, the recorded modules are loaded.
        runs_dir: Where the runs are whose models it may build on.
        allowed_outputs: Files and folders outside the run directory that it may write over.
        given: Data that was given in Python in place of its source.

    Raises:
        RunDirError: The run has ended, is running, or would get other numbers with the changed settings.
    """
    old = with_recorded_data(pin_base_runs(load_recorded(run, (), imports, runs_dir)), run, given)
    new = with_recorded_data(pin_base_runs(load_recorded(run, overrides, imports, runs_dir)), run, given)
    return go_on(run, old, replace(new, allowed_outputs=tuple(allowed_outputs)), watch)


def go_on(run: Run, old: Loaded, new: Loaded, watch: Sink) -> Ended:
    """Go on with `run` in its own directory, as an experiment that may be written elsewhere by now.

    Args:
        run: The run.
        old: Its experiment.
        new: The same with changes that leave its numbers as they are.
        watch: Where events go besides the record.

    Raises:
        RunDirError: The run has ended, is running, or would get other numbers with the changed settings.
    """
    directory, seed = run.directory, run.seed
    with in_directory(directory.path):
        take_over(directory)
    require_allowed(new, directory)
    with locked(directory):
        run = run.again()  # another process may have gone on with it until just now
        snapshot, damaged = snapshots.newest(directory)
        if _is_only_without_its_plot(run, new, snapshot):
            session.draw_history(directory, run.name)
            if directory.history_plot.is_file():
                return _done(run, watch)
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
        known = (run.record.get("data") or {}).get("fingerprint")
        training = session.Training(new, seed_of(new, run), snapshot, known)
        return session.recorded(new, Recorder(directory, run.record), started, training, watch, notices)


def _is_only_without_its_plot(run: Run, new: Loaded, snapshot: Snapshot | None) -> bool:
    """Return whether the run is done but for its plot, which a kill may have prevented, and is not to train longer."""
    epochs: Any = new.experiment.fit.epochs  # or still to come from the data
    done = snapshot.epoch if snapshot is not None else run.record.get("epochs_run")
    longer = isinstance(epochs, int) and isinstance(done, int) and epochs > done
    stopped = snapshot is not None and snapshot.stopped
    return run.record.get("status") == "done" and not run.directory.history_plot.exists() and (stopped or not longer)


def _done(run: Run, watch: Sink) -> Ended:
    """Tell that the run is done, as its record says."""
    record, directory = run.record, run.directory
    watch(Notice(message=f"{directory.history_plot.name} was missing; it has been written"))
    finished = RunFinished(
        status="done",
        exit_code=0,
        epochs=record.get("epochs_run") or 0,
        seconds=record.get("seconds") or 0.0,
        directory=directory.shown,
        run_id=directory.run_id,
        metrics={name: math.nan if value is None else value for name, value in (record.get("metrics") or {}).items()},
        kept_epoch=record.get("kept_epoch"),
        weights=record.get("weights"),
    )
    watch(finished)
    return Ended(finished, None)


def seed_of(loaded: Loaded, run: Run) -> int:
    """Return the seed with which `run` continues, or its fork: the experiment's, where it gives one."""
    return run.seed if loaded.experiment.seed is None else loaded.experiment.seed


def _require_unfinished(run: Run, new: Loaded, snapshot: Snapshot | None) -> None:
    complete = run.record.get("status") == "done" or run.record.get("exit_code") == 8
    if not complete:
        return
    name, epochs = run.directory.run_id, snapshot.epoch if snapshot else int(run.record.get("epochs_run") or 0)
    if snapshot is not None and snapshot.stopped:
        raise RunDirError(
            f"the run {name} is done: it was stopped after {plural(epochs, 'epoch')}",
            hint=f"continue with other settings: trainctl resume {name} --fork NAME --set …",
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
            f"these changes would change the results of the run: {'; '.join(changes)}",
            hint="apply them in a new run with --fork NAME",
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
        if not path.is_dir():  # the user's own, whatever it is
            path.unlink()


def _set_aside(damaged: list[Path], snapshot: Snapshot | None) -> Iterator[str]:
    """Rename the damaged snapshots, so that they count no more, and say so."""
    for path in damaged:
        path.rename(path.with_name(path.name + DAMAGED))
        instead = f"continuing {snapshot.place}" if snapshot else "starting over"
        yield f"the snapshot {path.name} is damaged: {instead}"


def _describe_environment_changes(record: Mapping[str, Value]) -> Iterator[str]:
    variables = list(changed(record.get("variables") or {}))
    if variables:
        yield f"environment variables have changed since the run started: {one_of(variables, 'and')}"
    changes = list(environment_changes(record, environment()))
    if changes:
        yield f"the environment has changed since the run started; results may differ in the last bits: {'; '.join(changes)}"
