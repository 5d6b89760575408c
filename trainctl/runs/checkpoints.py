"""Which model of a run is meant: its final one, the best or the last, or a file that a callback wrote."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from trainctl.aliases import Value
from trainctl.errors import RunDirError
from trainctl.files import is_own_file
from trainctl.runs.layout import MODEL
from trainctl.runs.store import Run
from trainctl.text import one_of

BEST, LAST = "best", "last"


def model_file(run: Run, wanted: str | None = None) -> Path:
    """Return the file of the model that is meant.

    Args:
        run: The run; `RUN/best` chose its best model, `RUN/last` the final one.
        wanted: A file of the run directory, such as `best_model.keras`; `best` or `last`; `None` for what `RUN` says.

    Raises:
        RunDirError: There is no such file, or it is outside of the run directory.
    """
    chosen = wanted or run.checkpoint or MODEL
    if chosen in {BEST, LAST}:
        chosen = _recorded(run.record, chosen)
    path = run.directory.path / chosen
    inside = path.resolve().is_relative_to(run.directory.path.resolve())
    if inside and is_own_file(path):
        return path
    if chosen == MODEL and wanted is None:  # whoever loads it says that it is gone
        return run.directory.model
    known = sorted(
        str(each.relative_to(run.directory.path))
        for pattern in ("**/*.keras", "**/*.weights.h5")
        for each in run.directory.path.glob(pattern)
    )
    what = f"the run {run.directory.run_id} has no {chosen}" if inside else f"{chosen} is not in the run directory"
    raise RunDirError(what, hint=f"it has {one_of(known, 'and')}" if known else "it has no model")


def _recorded(record: Mapping[str, Value], which: str) -> str:
    """Return the name of the best or the last model, as run.json says; of runs that say nothing, the final one."""
    known = (record.get("checkpoints") or {}).get(which)
    name = known.get("file") if isinstance(known, Mapping) else None
    return name if isinstance(name, str) else MODEL
