"""Reading run.json, which may come from a stranger: nothing in it is trusted, and no link is followed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from trainctl.aliases import Value
from trainctl.errors import RunDirError
from trainctl.files import is_own_file
from trainctl.runs.layout import RECORD
from trainctl.runs.record_shape import problems
from trainctl.text import plural


def read_record(path: Path) -> Mapping[str, Value]:
    """Return what run.json says in the directory `path`.

    Raises:
        RunDirError: It is not a run, or its record is damaged.
    """
    if not is_own_file(path / RECORD):  # a link may lead anywhere, a pipe never ends
        raise RunDirError(f"{path} is not a run: its {RECORD} is not a file")
    try:
        record = json.loads((path / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:  # no JSON, or no text
        raise RunDirError(f"{path} is not a run: its {RECORD} cannot be read ({error})") from error
    if not isinstance(record, dict) or "run_id" not in record:
        raise RunDirError(f"{path} is not a run: its {RECORD} was not written by trainctl")
    found = list(problems(record))
    if found:
        more = f" (and {plural(len(found) - 1, 'other problem')})" if len(found) > 1 else ""
        raise RunDirError(f"{path / RECORD} is damaged: {found[0]}{more}", hint="restore the file, or start a new run")
    return record


def flat_baselines(record: Mapping[str, Value]) -> dict[str, float]:
    """Return the baselines of a recorded run by a key each: `{"val_accuracy.majority": 0.616}`."""
    known = record.get("baseline") or {}
    return {f"{metric}.{kind}": value for metric, kinds in known.items() for kind, value in kinds.items()}
