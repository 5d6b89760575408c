"""The run that a BackupAndRestore remembers, for the next `trainctl run` to go on with."""

from __future__ import annotations

import json
from pathlib import Path

from trainctl.components.callbacks.backup_and_restore import POINTER
from trainctl.config.load import Loaded
from trainctl.errors import RunDirError
from trainctl.runs import snapshots
from trainctl.runs.store import Run, find_run


def remembered(loaded: Loaded) -> Run | None:
    """The unfinished run with a snapshot that an absolute `backup_dir` of the experiment remembers, or `None`."""
    for callback in loaded.experiment.callbacks:
        folder = getattr(callback, "backup_dir", None)
        if isinstance(folder, str) and Path(folder).is_absolute():
            run = _run_of(Path(folder) / POINTER)
            if run is not None:
                return run
    return None


def _run_of(pointer: Path) -> Run | None:
    try:
        run = find_run(Path(), json.loads(pointer.read_text(encoding="utf-8"))["run"])
    except (OSError, ValueError, KeyError, TypeError, RunDirError):
        return None  # nothing remembered, or the run is gone: a new one begins
    return run if run.status != "done" and snapshots.paths(run.directory) else None
