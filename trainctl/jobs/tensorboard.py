"""`tensorboard`: a folder of links to what runs logged, under names that people can read, for TensorBoard to look at."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from trainctl.errors import RunDirError
from trainctl.files import is_own_folder
from trainctl.runs.failure import in_directory
from trainctl.runs.selection import started
from trainctl.runs.store import Run
from trainctl.text import printable
from trainctl.user_folders import cache_folder

_EVENTS = "events.out.tfevents."
"""How the names of TensorBoard's files begin."""

_LONGEST = 50  # characters of a run's name, which may be a stranger's; file systems take 255 bytes


def link_logs(runs: Sequence[Run]) -> Path:
    """Return a folder with a link to each folder that TensorBoard logs of the runs are in.

    It lies in the user's cache, and is made anew each time; the run directories stay as they are.

    Raises:
        RunDirError: No run has such logs, or the folder cannot be written.
    """
    found = {name: path for run in runs for name, path in _named_logs(run)}
    if not found:
        raise RunDirError(
            "no run has logs for TensorBoard", hint="add the callback TensorBoard to the experiment and run it again"
        )
    chosen = hashlib.sha256("\0".join(map(str, found.values())).encode()).hexdigest()[:16]
    folder = cache_folder() / "tensorboard" / chosen
    with in_directory(folder, "make the folder", "set XDG_CACHE_HOME to a folder that you can write"):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name, path in found.items():
            (folder / name).symlink_to(path)
    return folder


def _named_logs(run: Run) -> Iterator[tuple[str, Path]]:
    """Yield the outermost folders of the run that hold logs, or whose folders do; no link in the run is followed."""
    began = started(run)
    when = f"{began:%Y-%m-%d %H:%M:%S} " if began is not None else ""
    name = f"{printable(run.name)[:_LONGEST]} {when}{run.directory.run_id.rpartition('-')[2]}".replace(os.sep, " ")
    for folder in sorted(run.directory.path.iterdir()):
        if is_own_folder(folder) and _has_logs(folder):
            yield (name if folder.name == "tensorboard" else f"{name} {folder.name}"), folder


def _has_logs(folder: Path) -> bool:
    return any(name.startswith(_EVENTS) for _, _, names in os.walk(folder) for name in names)
