"""The index of a folder of runs: what a list needs of each run.json, so that 10,000 of them need not be read again.

The directories are the truth. The index lies in the user's cache, out of a stranger's reach, and is only believed for a file
that is the same to the file system; without it, everything is read.
"""

from __future__ import annotations

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
from trainctl.runs.record import flat_baselines, read_record
from trainctl.user_folders import cache_folder, read_own
from trainctl.version import __version__

Summary = dict[str, Value]
"""The part of run.json that a list needs, with the person's `tags` and `note`, and `baselines` as `flat_baselines` has them."""

_OWN = ("run_id", "started", "seconds", "kept_epoch", "seed", "pid", "tags", "note")
"""What differs from run to run."""
_SHARED = (
    "name",
    "config",
    "status",
    "exit_code",
    "epochs_run",
    "parameters",
    "device",
    "directions",
    "host",
    "data",
)
"""What many runs say alike: the index holds it once."""
_NUMBERS = ("metrics", "baselines")
"""Mappings to numbers: the index holds their keys once for many runs."""
_OF_THE_DATA = ("source", "stand_in_for")
_WORTH_WRITING = 50  # runs that the index does not know; to read so few takes no time

_Entry = tuple[list[int], Summary | None]
"""What the files of a run were to the file system, and the summary; `None` where it is not a run."""


def run_paths(runs_dir: Path) -> Iterator[str]:
    """Yield the directories in which runs may be, `runs_dir/NAME/ID`; no symbolic link is followed."""
    for name in folders_in(str(runs_dir)):
        yield from folders_in(name)


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


def folders_in(path: str) -> Iterator[str]:
    """Yield the folders in a folder whose names begin with no dot; no symbolic link is followed."""
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
    summary = {key: record[key] for key in (*_SHARED, "metrics") if record.get(key) is not None}
    notes = read_notes(RunDirectory(Path(path)))
    summary |= {**{key: record.get(key) for key in _OWN}, "tags": list(notes.tags), "note": notes.note}
    summary["baselines"] = flat_baselines(record)
    data = record.get("data") or {}
    summary["data"] = {key: data[key] for key in _OF_THE_DATA if data.get(key) is not None}
    for kind in CHILDREN:
        if kind in record:
            summary[kind] = {"metrics": record[kind]["metrics"]}
    return summary


def _read(place: Path) -> Mapping[str, _Entry]:
    """Return what the index knows; nothing where another version wrote it, or it is damaged."""
    try:
        content = json.loads(read_own(place) or b"{}")
        is_ours = isinstance(content, dict) and content.get("trainctl") == __version__
        return _unpacked(content) if is_ours else {}
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        return {}


def _write(place: Path, entries: Mapping[str, _Entry]) -> None:
    with suppress(OSError):  # the next list reads the directories again
        place.parent.mkdir(parents=True, exist_ok=True)
        write_whole(place, json.dumps(_packed(entries), separators=(",", ":")).encode())
        place.chmod(0o600)


def _packed(entries: Mapping[str, _Entry]) -> dict[str, Value]:
    """Return the entries for the file, what is alike in many of them once: to read less takes less time."""
    places: dict[str, int] = {}
    folders: dict[str, dict[str, Value]] = {}
    for path, (stamp, summary) in entries.items():
        folder, _, name = path.rpartition(os.sep)
        place, own, numbers = None, None, None
        if summary is not None:
            own = [summary.get(key) for key in _OWN]
            shared = {key: summary[key] for key in _SHARED if key in summary}
            alike = json.dumps([shared, [list(summary.get(kind, ())) for kind in _NUMBERS]])
            place = places.setdefault(alike, len(places))
            numbers = [list(summary[kind].values()) if kind in summary else None for kind in _NUMBERS]
        folders.setdefault(folder, {})[name] = [stamp, place, own, numbers]
    return {"trainctl": __version__, "shared": [json.loads(alike) for alike in places], "runs": folders}


def _unpacked(content: Mapping[str, Value]) -> dict[str, _Entry]:
    """Return the entries that `_packed` made the content of."""
    found: dict[str, _Entry] = {}
    for folder, rows in content["runs"].items():
        for name, (stamp, place, own, numbers) in rows.items():
            summary: Summary | None = None
            if place is not None:
                shared, keys = content["shared"][place]
                summary = shared | dict(zip(_OWN, own, strict=True))
                for kind, names, values in zip(_NUMBERS, keys, numbers, strict=True):
                    if values is not None:
                        summary[kind] = dict(zip(names, values, strict=True))
            found[f"{folder}{os.sep}{name}"] = stamp, summary
    return found
