"""The evaluations that a run directory keeps. They may come from a stranger, and no link is followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from trainctl.aliases import Value
from trainctl.files import is_own_file, is_own_folder
from trainctl.runs.directory import read_json
from trainctl.runs.store import Run

_BYTES = 8_000_000  # of an evaluation that is read


@dataclass(frozen=True, slots=True)
class RecordedEvaluation:
    """An evaluation as it was recorded.

    Args:
        name: Its file, relative to the run directory.
        facts: What the file says.
        is_current: Whether it is of the model that the run has now: a resumed run has another.
    """

    name: str
    facts: Mapping[str, Value]
    is_current: bool


def recorded_evaluations(run: Run) -> Iterator[RecordedEvaluation]:
    """Yield the evaluations of a run, the newest first."""
    folder = run.directory.evaluations
    if not is_own_folder(folder):
        return
    for path in sorted(folder.glob("*.json"), reverse=True):
        if is_own_file(path) and path.stat().st_size <= _BYTES:
            facts = read_json(path)
            yield RecordedEvaluation(f"{folder.name}/{path.name}", facts, _is_current(run, facts.get("time")))


def _is_current(run: Run, evaluated: Value) -> bool:
    ended = run.record.get("ended")
    if ended is None:
        return run.status != "running"
    try:
        return datetime.fromisoformat(evaluated) >= datetime.fromisoformat(ended).replace(microsecond=0)
    except (TypeError, ValueError):  # of a damaged record
        return False
