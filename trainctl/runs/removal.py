"""Removing runs: only directories that are runs, whole, and nothing that a link in them leads to."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path

from trainctl.errors import RunDirError
from trainctl.files import is_own_folder
from trainctl.runs.failure import in_directory
from trainctl.runs.index import folders_in
from trainctl.runs.latest import point_anew
from trainctl.runs.layout import REMOVED, RUN_ID
from trainctl.runs.lock import locked
from trainctl.runs.record import read_record
from trainctl.runs.selection import sort, value_of
from trainctl.runs.store import Run


def size_of(run: Run) -> int:
    """Return the bytes that a run takes on disk, without what links in it lead to."""
    folders = os.walk(run.directory.path)
    return sum(_bytes(Path(folder) / name) for folder, _, names in folders for name in names)


def require_removable(run: Run) -> None:
    """Refuse what must not be removed.

    Raises:
        RunDirError: It is running, is part of another run, one of its models is named, or its path is a symbolic link.
    """
    directory = run.directory
    if run.checkpoint is not None:
        raise RunDirError(
            f"'{run.checkpoint}' names a model of the run {directory.run_id}, but only whole runs are removed",
            hint=f"remove the whole run: {directory.run_id}",
        )
    if not is_own_folder(directory.path):
        raise RunDirError(f"{directory.path} is a symbolic link, which is not followed", hint="name the run by its id")
    if directory.parent is not None:
        raise RunDirError(
            f"{directory.run_id} is part of another run", hint=f"remove the whole run: {directory.parent.run_id}"
        )
    if run.status == "running":
        raise RunDirError(f"the run {directory.run_id} is running", hint="stop it first")


def remove(run: Run) -> None:
    """Remove a run's directory.

    It gets another name first, so that a kill leaves the whole run or none.

    Raises:
        RunDirError: It must not or cannot be removed.
    """
    run = run.again()  # since it was looked at, it may have been resumed
    require_removable(run)
    path = run.directory.path
    with in_directory(path, "remove"), locked(run.directory):
        read_record(path)  # it is still a run
        aside = path.with_name(f"{REMOVED}{path.name}")
        path.rename(aside)
        shutil.rmtree(aside)
        with suppress(OSError):
            point_anew(path.parent)
        if path.parent.name == run.record.get("name"):  # else it is not a folder of ours
            with suppress(OSError):  # it holds other runs
                path.parent.rmdir()


def sweep(runs_dir: Path) -> None:
    """Remove what a kill left of runs that were being removed; what cannot be is left."""
    for name in folders_in(str(runs_dir)):
        for path in Path(name).glob(f"{REMOVED}*"):
            if is_own_folder(path) and RUN_ID.fullmatch(path.name.removeprefix(REMOVED)):
                shutil.rmtree(path, ignore_errors=True)


def superfluous(runs: Sequence[Run], *, last: int = 0, best: int = 0, metric: str | None = None) -> list[Run]:
    """Return the runs that are not among those to keep of each name; running and tagged ones are kept.

    Args:
        runs: The runs, newest first.
        last: How many of the newest to keep.
        best: How many of the best to keep.
        metric: The metric that says which are best.
    """
    by_name = groupby(sorted(runs, key=lambda run: run.name), key=lambda run: run.name)  # the order within stays
    spare = [run for _, group in by_name for run in _spare(list(group), last, best, metric)]
    return [run for run in spare if run.status != "running" and not value_of(run, "tags")]


def _spare(runs: Sequence[Run], last: int, best: int, metric: str | None) -> Iterable[Run]:
    kept = {run.directory.path for run in runs[:last]}
    if metric is not None:
        kept |= {run.directory.path for run in sort(runs, metric)[:best]}
    return (run for run in runs if run.directory.path not in kept)


def _bytes(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:  # gone meanwhile
        return 0
