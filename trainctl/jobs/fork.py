"""`resume --fork`: continue from where a run is, in a new run with any change that leaves the model as it is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from trainctl import catalog
from trainctl.aliases import Value
from trainctl.config.component import KerasComponent
from trainctl.config.compose.interpolate import escaped
from trainctl.config.experiment import Experiment
from trainctl.config.load import Loaded
from trainctl.config.model.keras_names import canonical_name
from trainctl.config.render import flat_settings
from trainctl.errors import RunDirError
from trainctl.events import Sink
from trainctl.jobs import session
from trainctl.jobs.base_runs import pin_base_runs
from trainctl.jobs.given_data import with_recorded_data
from trainctl.jobs.plans import plan_of
from trainctl.jobs.recorded import load_recorded
from trainctl.jobs.resume import seed_of
from trainctl.jobs.session import Ended
from trainctl.runs import growing_files, snapshots
from trainctl.runs.directory import create
from trainctl.runs.experiment_files import write_inputs
from trainctl.runs.failure import in_directory
from trainctl.runs.intact import require_intact
from trainctl.runs.layout import RunDirectory
from trainctl.runs.lock import locked
from trainctl.runs.outputs import require_allowed, require_others
from trainctl.runs.recorder import Recorder
from trainctl.runs.snapshots import Snapshot
from trainctl.runs.store import Run
from trainctl.sources.given import GivenData
from trainctl.text import literal, one_of, plural


def fork(
    run: Run,
    name: str,
    watch: Sink,
    overrides: Sequence[str] = (),
    imports: Sequence[str] = (),
    runs_dir: Path = Path("runs"),
    allowed_outputs: Sequence[str] = (),
    given: GivenData | None = None,
    *,
    accept_missing: bool = False,
    after_stage: str | None = None,
    plot_format: str | None = None,
) -> Ended:
    """Go on from the newest whole snapshot of `run` in a new run, with any change that leaves the model as it is.

    What the changes touch begins anew: the state of a changed callback, or of another optimizer. So does ModelCheckpoint,
    whose best file is in the other directory.

    Args:
        run: The run; it may be running.
        name: What the new run is called.
        watch: Where events go besides the record.
        overrides: `--set` arguments on top of its experiment.
        imports: `--import` arguments; where there are none, the recorded modules are loaded.
        runs_dir: The folder of all runs.
        allowed_outputs: Files and folders outside the run directory that it may write over.
        given: Data that was given in Python in place of its source.
        accept_missing: Whether to continue with what is left of files that have lost lines.
        after_stage: The stage whose end is the beginning, by its name or its number from 1; `None` takes the newest snapshot.
        plot_format: In which format to draw its pictures, `png` or `svg`; `None` is as those of `run`.

    Raises:
        RunDirError: The run has no whole snapshot, the new one would write over its files elsewhere, or cannot be made.
    """
    quoted = json.dumps(escaped(name), ensure_ascii=False)
    named = f"name={quoted}"  # text, also where YAML would read a number or null
    old = with_recorded_data(pin_base_runs(load_recorded(run, (), imports, runs_dir)), run, given)
    new = with_recorded_data(pin_base_runs(load_recorded(run, [*overrides, named], imports, runs_dir)), run, given)
    new = replace(new, allowed_outputs=tuple(allowed_outputs), plot_format=plot_format or run.record.get("plot_format"))
    plan = plan_of(old, run.seed)
    if plan is not None:
        name = next(iter(plan.experiments))
        raise RunDirError(
            f"the run {run.directory.run_id} consists of {plural(len(plan.experiments), plan.noun)}, and cannot be forked as one",
            hint=f"fork one of them: trainctl resume {run.directory.run_id}/{plan.kind}/{name} --fork NAME",
        )
    snapshot = _newest_of_running(run.directory) if after_stage is None else _at_end_of(run, old, after_stage)
    if snapshot is None:
        raise RunDirError(
            f"the run {run.directory.run_id} has no snapshot to start from",
            hint=f"start over: trainctl run {run.directory.resolved}",
        )
    snapshots.require_epochs(new.experiment, snapshot)
    require_others(old.experiment, new.experiment, run.directory.run_id)
    require_allowed(new)
    growing = growing_files.of_run(run.directory, old.experiment.every_callback)
    kept = [each for each in growing if each != run.directory.events and each.is_relative_to(run.directory.path)]
    intact = require_intact(run.directory, kept, snapshot, accept_missing=accept_missing)
    here = snapshot.begun.stage
    start = _adapted(snapshot, old.experiment.at_stage(here), new.experiment.at_stage(here))
    if after_stage is not None and _stage_settings(old, here) == _stage_settings(new, here):
        start = replace(start, stopped=snapshot.stopped)  # the stage has ended, also where EarlyStopping ended it
    directory, seed = create(runs_dir, new.name), seed_of(new, run)
    with locked(directory):
        inputs = write_inputs(directory, new, seed)
        with in_directory(directory.path):
            growing_files.copy(run.directory, directory, kept, snapshot.files)
            intact.mend(directory)
            own = growing_files.of_run(directory, new.experiment.every_callback)
            files = growing_files.sizes(directory, own)
            start = replace(start, files=files, checksums=growing_files.Seal(directory, {}, {}).checksums(files))
            # Before there is a record: no kill leaves a fork without its beginning.
            snapshots.hand_over(start, directory)
        origin = {"run_id": run.directory.run_id, "directory": str(run.directory.path), "place": snapshot.place}
        recorder = Recorder(directory, {"forked_from": origin, "inputs": inputs})
        started = session.start_of(new, directory, seed, resumed=f"{snapshot.place} of {run.directory.run_id}")
        return session.recorded(new, recorder, started, session.Training(new, seed, start), watch, intact.notices)


def _at_end_of(run: Run, loaded: Loaded, wanted: str) -> Snapshot:
    """Return the snapshot of the end of a stage.

    Raises:
        RunDirError: There is no such stage, or no snapshot of its end.
    """
    names = [stage.name or str(number) for number, stage in enumerate(loaded.experiment.stages, start=1)]
    numbers = {str(number): number - 1 for number in range(1, len(names) + 1)}
    number = names.index(wanted) if wanted in names else numbers.get(wanted)
    if number is None:
        has = f"its stages are {one_of(names, 'and')}" if names else "it was trained without stages"
        raise RunDirError(f"the run {run.directory.run_id} has no stage {literal(wanted)}", hint=has)
    snapshot = snapshots.at_stage_end(run.directory, number)
    if snapshot is None:
        raise RunDirError(
            f"the run {run.directory.run_id} has no snapshot of the end of stage {names[number]}",
            hint="the stage has not ended, or execution.snapshot.every_epochs is 0",
        )
    return snapshot


def _stage_settings(loaded: Loaded, number: int) -> Mapping[str, Value]:
    """Return what is written of a stage (from 0), by path; empty if there is no such stage."""
    begin = "".join(f"{stage.setting}." for stage in loaded.experiment.stages[number : number + 1])
    return {path: value for path, value in flat_settings(loaded, 0).items() if begin and path.startswith(begin)}


def _newest_of_running(directory: RunDirectory) -> Snapshot | None:
    """Return the newest valid snapshot; look again if the run has replaced those listed."""
    listed = snapshots.paths(directory)
    snapshot, _ = snapshots.newest(directory)
    if snapshot is None and snapshots.paths(directory) != listed:
        snapshot, _ = snapshots.newest(directory)
    return snapshot


def _adapted(snapshot: Snapshot, old: Experiment, new: Experiment) -> Snapshot:
    """Return the snapshot without the state that belongs to what has changed."""
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


def _described(value: Value) -> Value:
    """Return a component as its name and all its arguments, wherever and however it is written."""
    if not isinstance(value, KerasComponent):
        return value
    name = canonical_name(value) or value.name
    entry = catalog.find(value.kind, name)
    defaults = {each.name: each.default for each in entry.parameters if not each.required} if entry else {}
    return name, {**defaults, **{argument: _described(each) for argument, each in value.arguments.items()}}


def _with_rate(optimizer: Value, rate: Value) -> Value:
    return (optimizer[0], {**optimizer[1], "learning_rate": rate}) if isinstance(optimizer, tuple) else optimizer
