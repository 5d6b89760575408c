"""The unfinished run that a callback keeps a note of, for the next `trainctl run` to continue."""

from __future__ import annotations

import json
from pathlib import Path

from trainctl.config.load import Loaded
from trainctl.errors import RunDirError
from trainctl.runs import snapshots
from trainctl.runs.store import Run, find_run


def remembered(loaded: Loaded) -> Run | None:
    """Return the unfinished run with a snapshot that a callback's `run_pointer` names, or `None`."""
    for callback in loaded.experiment.every_callback:
        run = _run_of(Path(callback.run_pointer)) if callback.run_pointer is not None else None
        if run is not None:
            return run
    return None


def _run_of(pointer: Path) -> Run | None:
    try:
        run = find_run(Path(), json.loads(pointer.read_text(encoding="utf-8"))["run"])
    except (OSError, ValueError, KeyError, TypeError, RunDirError):
        return None  # nothing remembered, or the run is gone: a new one begins
    return run if run.status != "done" and snapshots.paths(run.directory) else None
