"""The index of a folder of runs: what a list needs of each run.json, so that 10,000 of them need not be read again.

The directories are the truth. The index lies in the user's cache, out of a stranger's reach, and is only believed for a file
that is the same to the file system; without it, everything is read.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from trainctl.aliases import Value
from trainctl.errors import RunDirError
from trainctl.files import write_whole
from trainctl.runs.layout import CHILDREN, NOTES, RECORD, RunDirectory
from trainctl.runs.notes import read_notes
from trainctl.runs.record import read_record
from trainctl.user_folders import cache_folder, read_own
from trainctl.version import __version__

Summary = dict[str, Value]
"""The part of run.json that a list needs, with the person's `tags` and `note`."""

_LISTED = (
    "run_id",
    "name",
    "config",
    "status",
    "exit_code",
    "started",
    "seconds",
    "epochs_run",
    "kept_epoch",
    "seed",
    "parameters",
    "device",
    "metrics",
    "directions",
    "host",
    "pid",
)
_OF_THE_DATA = ("source", "stand_in_for")
_WORTH_WRITING = 50  # runs that the index does not know; to read so few takes no time

_Entry = tuple[list[int], Summary | None]
"""What the files of a run were to the file system, and the summary; `None` where it is not a run."""


def run_paths(runs_dir: Path) -> Iterator[str]:
    """Yield the directories in which runs may be, `runs_dir/NAME/ID`; no symbolic link is followed."""
    for name in _folders(str(runs_dir)):
        yield from _folders(name)


def read_summaries(runs_dir: Path) -> dict[str, Summary]:
    """Return the summary of each run under `runs_dir` by its path.

    Args:
        runs_dir: The folder of all runs, absolute.
    """
    place = cache_folder() / f"runs-{hashlib.sha256(os.fsencode(runs_dir)).hexdigest()[:16]}.json"
    known = _read(place)
    entries: dict[str, _Entry] = {}
    read = 0
    for path in run_paths(runs_dir):
        now = _look(path)
        entry = known.get(path)
        if now and (entry is None or entry[0] != now):
            entry, read = (now, _summarize(path)), read + 1
        if now and entry is not None:
            entries[path] = entry
    if read + len(known.keys() - entries.keys()) >= _WORTH_WRITING:
        _write(place, entries)
    return {path: summary for path, (_, summary) in entries.items() if summary is not None}


def _folders(path: str) -> Iterator[str]:
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
                    yield entry.path
    except OSError:
        return  # a folder that may not be read does not hide the others


def _look(path: str) -> list[int]:
    """Return what tells the files of a run from later ones; nothing where there is no run.json."""
    try:
        record = os.lstat(f"{path}/{RECORD}")
    except OSError:
        return []
    found = [record.st_ino, record.st_size, record.st_ctime_ns] if stat.S_ISREG(record.st_mode) else []
    try:
        notes = os.lstat(f"{path}/{NOTES}")
    except OSError:
        return found
    return found and [*found, notes.st_ino, notes.st_size, notes.st_ctime_ns]


def _summarize(path: str) -> Summary | None:
    try:
        record = read_record(Path(path))
    except RunDirError:
        return None
    summary = {key: record[key] for key in _LISTED if record.get(key) is not None}
    data = record.get("data") or {}
    summary["data"] = {key: data[key] for key in _OF_THE_DATA if data.get(key) is not None}
    for kind in CHILDREN:
        if kind in record:
            summary[kind] = {"metrics": record[kind]["metrics"]}
    notes = read_notes(RunDirectory(Path(path)))
    return {**summary, "tags": list(notes.tags), "note": notes.note}


def _read(place: Path) -> Mapping[str, _Entry]:
    """Return what the index knows; nothing where another version wrote it, or it is damaged."""
    collects = gc.isenabled()
    gc.disable()  # what is read stays; to look through 10,000 new records for garbage costs as much as to read them
    try:
        content = json.loads(read_own(place) or b"{}")
    except (ValueError, RecursionError):
        return {}
    finally:
        if collects:
            gc.enable()
    is_whole = isinstance(content, dict) and content.get("trainctl") == __version__
    return content["runs"] if is_whole else {}


def _write(place: Path, entries: Mapping[str, _Entry]) -> None:
    with suppress(OSError):  # the next list reads the directories again
        place.parent.mkdir(parents=True, exist_ok=True)
        content = json.dumps({"trainctl": __version__, "runs": entries}, separators=(",", ":"))
        write_whole(place, content.encode())
        place.chmod(0o600)
