"""Components that a notebook's cells define: which an experiment uses, and whether a run's are still the same."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trainctl.components.user import definitions
from trainctl.components.user.definitions import Definition
from trainctl.config.load import Loaded
from trainctl.config.render import resolved_yaml
from trainctl.errors import RunDirError
from trainctl.runs.layout import RECORD
from trainctl.runs.store import Run
from trainctl.text import printable


def used_definitions(loaded: Loaded) -> Iterator[Definition]:
    """Yield the definitions of cells whose name is in the experiment."""
    found = list(definitions.defined())
    words = set(re.findall(r"\w+", resolved_yaml(loaded, 0))) if found else set()
    yield from (each for each in found if each.name in words)


def require_same_cells(run: Run) -> None:
    """Refuse to continue where a component of a cell is missing or has changed since the run began.

    Raises:
        RunDirError: One is; says which, and where its text is.
    """
    recorded = run.record.get("definitions") or []
    for each in recorded if isinstance(recorded, list) else []:
        if not isinstance(each, dict):
            continue
        kind, name = (printable(str(each.get(key))) for key in ("kind", "name"))
        now = definitions.find(str(each.get("kind")), str(each.get("name")))
        if now is not None and now.source == each.get("source"):
            continue
        what = "is not defined here" if now is None else "has changed since the run"
        raise RunDirError(
            f"the run {run.directory.run_id} uses the {kind} {name!r} of a notebook cell, which {what}",
            hint=f"run that cell, or save its text (see {run.directory.shown}/{RECORD}) to a file and pass --import FILE",
        )
