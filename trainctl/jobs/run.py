"""`run`: train an experiment in a new run directory."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trainctl.config.load import Loaded
from trainctl.errors import RunDirError
from trainctl.events import Sink
from trainctl.jobs.backups import remembered
from trainctl.jobs.base_runs import pin_base_runs
from trainctl.jobs.plans import first_alone, plan_of
from trainctl.jobs.recorded import load_recorded
from trainctl.jobs.resume import go_on
from trainctl.jobs.session import Ended, Training, begin_in
from trainctl.jobs.several import Several
from trainctl.runs.directory import create, create_at
from trainctl.runs.expected import expects_boosting
from trainctl.runs.layout import RunDirectory
from trainctl.runs.outputs import require_allowed


def run(
    loaded: Loaded,
    runs_dir: Path,
    watch: Sink,
    *,
    dry_run: bool = False,
    directory: Path | None = None,
    boosting: bool = False,
) -> Ended:
    """Train the experiment, or continue the run that a BackupAndRestore of it remembers.

    Args:
        loaded: The experiment.
        runs_dir: The folder of all runs.
        watch: Where events go besides the record.
        dry_run: Whether to stop after one batch of training and of validation, and leave nothing behind.
        directory: The run directory to make, in place of one in `runs_dir`.
        boosting: Whether gradient boosting is a baseline too.

    Raises:
        RunDirError: The run directory cannot be made or written.
    """
    unfinished = None if dry_run else remembered(loaded)
    if unfinished is not None and directory is not None:
        raise RunDirError(
            f"a backup continues the run {unfinished.directory.shown}, not in {directory}", hint="remove --run-dir"
        )
    if unfinished is not None:
        old = load_recorded(unfinished, (), [each.name for each in loaded.imports])
        if loaded.source is not None and loaded.given is not None:
            old = old.with_source(loaded.source, loaded.given)
        return go_on(unfinished, old, pin_base_runs(loaded, unfinished.record.get("places")), watch)
    return begin(pin_base_runs(loaded), runs_dir, watch, dry_run=dry_run, directory=directory, boosting=boosting)


def begin(
    loaded: Loaded,
    runs_dir: Path,
    watch: Sink,
    *,
    dry_run: bool = False,
    directory: Path | None = None,
    boosting: bool = False,
) -> Ended:
    """Train the experiment in a new run directory, with its seed or one that is drawn.

    Args:
        loaded: The experiment, with the runs that it builds on.
        runs_dir: The folder of all runs.
        watch: Where events go besides the record.
        dry_run: Whether to stop after one batch of training and of validation, and leave nothing behind.
        directory: The run directory to make, in place of one in `runs_dir`.
        boosting: Whether gradient boosting is a baseline too.

    Raises:
        RunDirError: The run directory cannot be made or written.
    """
    if not dry_run:
        require_allowed(loaded)
    seed = loaded.experiment.seed
    seed = seed if isinstance(seed, int) else int.from_bytes(os.urandom(4))
    plan = None if dry_run else plan_of(loaded, seed)
    loaded = first_alone(loaded, seed) if dry_run else loaded
    boosting = boosting or expects_boosting(loaded.experiment)  # folds do not know what is expected of their means
    training = Training(loaded, seed, dry_run=dry_run, boosting=boosting)
    work = training if plan is None else Several(plan, loaded, seed, watch, boosting=boosting)
    with _made(runs_dir, loaded.name, directory, dry_run=dry_run) as made:
        return begin_in(made, loaded, seed, watch, work, dry_run=dry_run)


@contextmanager
def _made(runs_dir: Path, name: str, directory: Path | None, *, dry_run: bool) -> Iterator[RunDirectory]:
    if not dry_run:
        yield create(runs_dir, name) if directory is None else create_at(directory)
        return
    temporary = Path(tempfile.mkdtemp(prefix="trainctl-dry-run-"))
    try:
        yield create(temporary, name)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
