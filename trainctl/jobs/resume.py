"""`resume`: continue a run in its own directory, as if never interrupted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from trainctl.aliases import Value
from trainctl.components.spec import CALLBACKS
from trainctl.config.compose.stages import STAGES
from trainctl.config.compose.variables import changed
from trainctl.config.experiment import GRADIENT_BOOSTING
from trainctl.config.load import Loaded
from trainctl.config.render import flat_settings
from trainctl.errors import RunDirError
from trainctl.events import Sink, SnapshotSaved
from trainctl.files import ASIDE
from trainctl.jobs import session
from trainctl.jobs.base_runs import pin_base_runs
from trainctl.jobs.finish import finish, is_complete, missing_models, written_again
from trainctl.jobs.given_data import with_recorded_data
from trainctl.jobs.plans import plan_of
from trainctl.jobs.recorded import load_recorded
from trainctl.jobs.session import Ended
from trainctl.jobs.several import Plan, Several
from trainctl.runs import growing_files, snapshots
from trainctl.runs.directory import keep_reserve, read_json_lines, take_over
from trainctl.runs.expected import expects_boosting
from trainctl.runs.experiment_files import describe_edits, require_unedited, write_resolved
from trainctl.runs.failure import in_directory
from trainctl.runs.intact import require_intact
from trainctl.runs.layout import DAMAGED
from trainctl.runs.lock import locked
from trainctl.runs.outputs import require_allowed
from trainctl.runs.recorder import Recorder, environment, environment_changes
from trainctl.runs.signals import StopRequest
from trainctl.runs.snapshots import Snapshot
from trainctl.runs.store import Run, children
from trainctl.sources.given import GivenData
from trainctl.text import literal, one_of, plural

FROM_THE_START = "from the start"
"""Where a run goes on that has no snapshot."""
# What changes neither the numbers nor the place that a run has come to; also in a stage.
_SAFE = ("name", "description", "expect.", "vars.", "fit.epochs", "execution.snapshot.", "execution.recover.")


def resume(
    run: Run,
    watch: Sink,
    overrides: Sequence[str] = (),
    imports: Sequence[str] = (),
    runs_dir: Path = Path("runs"),
    allowed_outputs: Sequence[str] = (),
    given: GivenData | None = None,
    *,
    accept_missing: bool = False,
    plot_format: str | None = None,
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
        accept_missing: Whether to continue with what is left where files have lost lines, and from the start where the
            snapshots are gone.
        plot_format: In which format to draw its pictures, `png` or `svg`; `None` is as before.

    Raises:
        RunDirError: The run has ended, is running, has lost files, or would get other numbers with the changed settings.
    """
    old = with_recorded_data(pin_base_runs(load_recorded(run, (), imports, runs_dir)), run, given)
    new = with_recorded_data(pin_base_runs(load_recorded(run, overrides, imports, runs_dir)), run, given)
    new = replace(new, allowed_outputs=tuple(allowed_outputs), plot_format=plot_format)
    return go_on(run, old, new, watch, accept_missing=accept_missing)


def go_on(run: Run, old: Loaded, new: Loaded, watch: Sink, *, accept_missing: bool = False) -> Ended:
    """Go on with `run` in its own directory, as an experiment that may be written elsewhere by now.

    Args:
        run: The run.
        old: Its experiment.
        new: The same with changes that leave its numbers as they are.
        watch: Where events go besides the record.
        accept_missing: Whether to continue with what is left where files have lost lines, and from the start where the
            snapshots are gone.

    Raises:
        RunDirError: The run has ended, is running, has lost files, or would get other numbers with the changed settings.
    """
    plan = plan_of(new, run.seed)
    if plan is not None:
        return _go_on_with_several(run, old, new, plan, watch, accept_missing=accept_missing)
    return _go_on_alone(run, old, new, watch, accept_missing=accept_missing)


def _go_on_with_several(run: Run, old: Loaded, new: Loaded, plan: Plan, watch: Sink, *, accept_missing: bool) -> Ended:
    """Go on with the one of several runs that was interrupted, then with those after it."""
    directory, seed = run.directory, run.seed
    before = plan_of(old, seed) or plan
    with in_directory(directory.path):
        take_over(directory)
    require_allowed(new, directory)
    with locked(directory):
        run = run.again()
        require_unedited(directory)
        _require_same_numbers(old, new, seed)
        begun = [each for each in children(run) if each.directory.path.name in plan.experiments]
        done = [each for each in begun if _is_done(each, plan.experiments[each.directory.path.name])]
        if is_complete(run) and len(done) == len(plan.experiments) and directory.history_plot.is_file():
            raise RunDirError(
                f"the run {directory.run_id} is done: it trained {plural(len(done), plan.noun)}",
                hint=f"train longer: trainctl resume {directory.run_id} --set fit.epochs=…",
            )
        with in_directory(directory.path):
            _sweep(directory.path.glob(ASIDE))
            keep_reserve(directory)
            write_resolved(directory, new, seed)

        def go_on_with_one(one: Run, experiment: Loaded, watch: Sink, stop: StopRequest) -> Ended | None:
            if _is_done(one, experiment):
                return None
            was = before.experiments[one.directory.path.name]
            return _go_on_alone(one, was, experiment, watch, stop, accept_missing=accept_missing)

        place = f"after {len(done)} of {plural(len(plan.experiments), plan.noun)}"
        started = session.start_of(new, directory, seed, resumed=place)
        boosting = expects_boosting(new.experiment) or any(_has_boosting(each.record) for each in begun)
        work = Several(plan, new, seed, watch, go_on_with_one, boosting=boosting)
        notices = [*describe_edits(directory, run.record), *_describe_environment_changes(run.record)]
        return session.recorded(new, Recorder(directory, run.record), started, work, watch, notices)


def _has_boosting(record: Mapping[str, Value]) -> bool:
    """Return whether gradient boosting is a baseline of the run."""
    return GRADIENT_BOOSTING in (record.get("baseline_models") or {})


def _is_done(run: Run, new: Loaded) -> bool:
    """Return whether the run has come to its end, lacks nothing of it, and is not to train longer."""
    longer = _trains_longer(new, snapshots.newest(run.directory)[0])
    return is_complete(run) and not longer and not missing_models(run)


def _go_on_alone(
    run: Run,
    old: Loaded,
    new: Loaded,
    watch: Sink,
    stop: StopRequest | None = None,
    *,
    accept_missing: bool,
) -> Ended:
    """Go on with a run that does not consist of others.

    Args:
        run: The run.
        old: Its experiment.
        new: The same with changes that leave its numbers as they are.
        watch: Where events go besides the record.
        stop: What the run listens to that this one is part of; `None` if it stands alone.
        accept_missing: Whether to continue with what is left where files are lost.
    """
    directory, seed = run.directory, run.seed
    with in_directory(directory.path):
        take_over(directory)
    require_allowed(new, directory)
    with locked(directory):
        run = run.again()  # another process may have gone on with it until just now
        snapshot, damaged = snapshots.newest(directory)
        notices: list[str] = []
        if is_complete(run) and not _trains_longer(new, snapshot):
            gone = missing_models(run)
            if not gone:
                return finish(run, watch) or _refuse(run, new, snapshot)
            notices.append(written_again(run, gone, snapshot))
        require_unedited(directory)
        _require_same_numbers(old, new, seed, 0 if snapshot is None else snapshot.begun.stage)
        snapshots.require_epochs(new.experiment, snapshot)
        if snapshot is None and not accept_missing:
            _require_no_progress(run, damaged)
        growing = growing_files.of_run(directory, old.experiment.every_callback)
        intact = require_intact(directory, growing, snapshot, accept_missing=accept_missing)
        with in_directory(directory.path):
            notices += [*_set_aside(damaged, snapshot), *intact.notices, *describe_edits(directory, run.record)]
            notices += _describe_environment_changes(run.record)
            growing_files.cut(directory, growing, snapshot.files if snapshot else {})
            intact.mend(directory)
            _sweep(directory.path.rglob(ASIDE))
            keep_reserve(directory)
            write_resolved(directory, new, seed)
        started = session.start_of(new, directory, seed, resumed=snapshot.place if snapshot else FROM_THE_START)
        boosting = _has_boosting(run.record)
        training = session.Training(new, seed_of(new, run), snapshot, run.record.get("data"), boosting=boosting)
        return session.recorded(new, Recorder(directory, run.record), started, training, watch, notices, stop)


def _trains_longer(new: Loaded, snapshot: Snapshot | None) -> bool:
    """Return whether a complete run is asked for more epochs than it has, and may do them."""
    if snapshot is None:
        return False
    stages, begun = new.experiment.stages, snapshot.begun
    if begun.stage < len(stages) - 1:
        return True
    stage = stages[begun.stage] if begun.stage < len(stages) else None
    wanted: Any = new.experiment.fit.epochs if stage is None else stage.fit.epochs  # or still to come from the data
    more = isinstance(wanted, int) and wanted > snapshot.epoch - (0 if stage is None else begun.epoch)
    return more and not snapshot.stopped


def _refuse(run: Run, new: Loaded, snapshot: Snapshot | None) -> NoReturn:
    """Refuse to go on with a run that is complete, and lacks nothing.

    Raises:
        RunDirError: Always.
    """
    name, epochs = run.directory.run_id, snapshot.epoch if snapshot else int(run.record.get("epochs_run") or 0)
    if snapshot is None:
        raise RunDirError(
            f"the run {name} is done: it trained {plural(epochs, 'epoch')}, and has no snapshot to continue from",
            hint=f"train again, for longer: trainctl run {run.directory.resolved} --set fit.epochs={2 * epochs}",
        )
    if snapshot.stopped:
        raise RunDirError(
            f"the run {name} is done: it was stopped after {plural(epochs, 'epoch')}",
            hint=f"continue with other settings: trainctl resume {name} --fork NAME --set …",
        )
    last = new.experiment.stages[-1] if new.experiment.stages else None
    longer = (
        f"fit.epochs={2 * epochs}"
        if last is None
        else f"{last.setting}.fit.epochs={2 * (epochs - snapshot.begun.epoch)}"
    )
    raise RunDirError(
        f"the run {name} is done: it trained {plural(epochs, 'epoch')}",
        hint=f"train longer: trainctl resume {name} --set {longer}",
    )


def _require_no_progress(run: Run, damaged: Sequence[Path]) -> None:
    """Refuse to train from the start where snapshots were taken: what they held would be lost without a word.

    Raises:
        RunDirError: There were some.
    """
    directory, origin = run.directory, run.record.get("forked_from")
    if origin:
        raise RunDirError(
            f"the snapshots of {directory.shown} are gone, and a fork cannot train from the start",
            hint=f"restore them, or fork again: trainctl resume {origin['run_id']} --fork NAME",
        )
    taken = [
        line.get("file") for line in read_json_lines(directory.events) if line.get("event") == SnapshotSaved.__name__
    ]
    resumed = any(each.get("resumed") not in {None, FROM_THE_START} for each in run.record.get("sessions") or ())
    if damaged or taken or resumed:
        what = "damaged" if damaged else "gone"
        last = f"; the last was {taken[-1]}" if taken and not damaged else ""
        raise RunDirError(
            f"the snapshots of {directory.shown} are {what}{last}",
            hint="restore them, or train from the start: --accept-missing",
        )


def seed_of(loaded: Loaded, run: Run) -> int:
    """Return the seed with which `run` continues, or its fork: the experiment's, where it gives one."""
    return run.seed if loaded.experiment.seed is None else loaded.experiment.seed


def _require_same_numbers(old: Loaded, new: Loaded, seed: int, stage: int = 0) -> None:
    """Refuse changes that would give other numbers than the run has, or say other ones than it was trained with.

    Args:
        old: The run's experiment.
        new: The experiment with the changes.
        seed: The run's seed.
        stage: The stage (from 0) that the run is in: those before have ended, those after are still free.

    Raises:
        RunDirError: There are such changes.
    """
    before, after = (
        flat_settings(old, seed),
        flat_settings(new, new.experiment.seed if new.experiment.seed is not None else seed),
    )
    paths = [path for path in dict.fromkeys([*before, *after]) if before.get(path) != after.get(path)]
    ended, later = _settings_of_stages(old, new, stage)
    free = [path for path in paths if path.startswith(later) or (_is_safe(path) and not path.startswith(ended))]
    changes = [f"{path}: {_words(before, path)} → {_words(after, path)}" for path in paths if path not in free]
    if changes:
        raise RunDirError(
            f"these changes would change the results of the run: {'; '.join(changes)}",
            hint="apply them in a new run with --fork NAME",
        )


def _words(settings: Mapping[str, Value], path: str) -> str:
    return literal(settings[path]) if path in settings else "not set"


def _settings_of_stages(old: Loaded, new: Loaded, stage: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what the paths of the stages that have ended begin with, and those of the stages that have not begun."""
    ended = new.experiment.stages[:stage]
    later = (*old.experiment.stages[stage + 1 :], *new.experiment.stages[stage + 1 :])
    return tuple(f"{each.setting}." for each in ended), tuple(f"{each.setting}." for each in later)


def _is_safe(path: str) -> bool:
    """Return whether the setting changes no number; of a stage what would be one at the top level."""
    if path.startswith(f"{STAGES}."):
        path = path.split(".", 2)[-1]
    if path.startswith(_SAFE):
        return True
    section, _, rest = path.partition(".")
    spec = CALLBACKS.get(rest.partition(".")[0]) if section == "callbacks" else None
    return spec is not None and spec.only_watches


def _sweep(aside: Iterable[Path]) -> None:
    """Remove what a kill left half written."""
    for path in aside:
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
