"""Whether the growing files of a run still are what its snapshot says, and what to do where they are not.

A power failure, a full disk or a person may have taken lines from them. To go on as if nothing were missing would hide that,
so it is an error; metrics.jsonl alone can be written anew, from the events.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from trainctl.errors import RunDirError
from trainctl.files import is_own_file, write_whole
from trainctl.runs import growing_files
from trainctl.runs.directory import json_lines, parse_json_lines
from trainctl.runs.layout import RunDirectory
from trainctl.runs.recorder import metrics_of_events
from trainctl.runs.snapshots import Snapshot
from trainctl.text import plural

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Change:
    """A growing file that is not what the snapshot says.

    Args:
        key: Its path in the run directory; outside of that, its absolute path.
        problem: What is wrong with it, in words.
    """

    key: str
    problem: str

    def __str__(self) -> str:
        """`log.csv has 120 bytes, expected at least 348`."""
        return f"{self.key} {self.problem}"


@dataclass(frozen=True, slots=True)
class Intact:
    """What a run may go on with.

    Args:
        accepted: The changes that the user accepts.
        metrics: metrics.jsonl as the events tell it, where it is not what the snapshot says.
        notices: What to say aloud.
    """

    accepted: Sequence[Change] = ()
    metrics: bytes | None = None
    notices: Sequence[str] = ()

    def mend(self, directory: RunDirectory) -> None:
        """Write metrics.jsonl anew, and end each accepted text file with a whole line. Called once the files are cut.

        Args:
            directory: The run directory, or the one that its files were copied to.

        Raises:
            OSError: A file cannot be written.
        """
        if self.metrics is not None:
            write_whole(directory.metrics, self.metrics)
        for path in (directory.path / change.key for change in self.accepted):
            if is_own_file(path) and not growing_files.is_event_file(path):
                _end_with_whole_line(path)


def require_intact(
    directory: RunDirectory, growing: Sequence[Path], snapshot: Snapshot | None, *, accept_missing: bool
) -> Intact:
    """Require that every growing file still begins with what it held at the snapshot.

    Args:
        directory: The run directory.
        growing: Files that are appended to, and folders of such files.
        snapshot: The snapshot to continue from.
        accept_missing: Whether to continue with what is there.

    Raises:
        RunDirError: A file is shorter, gone or another, and neither accepted nor told by the events.
    """
    if snapshot is None:
        return Intact()
    changes, metrics = list(_changes(directory, growing, snapshot)), None
    notices: list[str] = []
    own = next((change for change in changes if change.key == directory.metrics.name), None)
    if own is not None:
        metrics = _metrics_from_events(directory, snapshot)
        if metrics is not None:
            changes.remove(own)
            notices = [f"{own}; it was rebuilt from {directory.events.name}"]
    if changes and not accept_missing:
        raise _refusal(changes, snapshot)
    notices += [f"{change}; continuing with what is there" for change in changes]
    return Intact(tuple(changes), metrics, tuple(notices))


def _refusal(changes: Sequence[Change], snapshot: Snapshot) -> RunDirError:
    more = len(changes) - _SHOWN
    shown = [*map(str, changes[:_SHOWN]), *([f"and {plural(more, 'other file')}"] if more > 0 else [])]
    them = "it" if len(changes) == 1 else "them"
    return RunDirError(
        f"files of the run have changed since the snapshot {snapshot.place}: {'; '.join(shown)}",
        hint=f"restore {them}, or continue with what is there: --accept-missing",
    )


def _changes(directory: RunDirectory, growing: Sequence[Path], snapshot: Snapshot) -> Iterator[Change]:
    for key, length in snapshot.files.items():
        if growing_files.is_own(directory, growing, key):
            path = directory.path / key
            problem = _problem(directory, path, length, snapshot.checksums.get(key))
            if problem is not None:
                yield Change(key, problem)


def _problem(directory: RunDirectory, path: Path, length: int, checksum: int | None) -> str | None:
    """Return what is wrong with the file, or `None`.

    Args:
        directory: The run directory.
        path: The file.
        length: Its bytes at the snapshot.
        checksum: The CRC-32 of those; `None` where the snapshot does not say.
    """
    if not os.path.lexists(path):
        return f"is gone, expected {plural(length, 'byte')}"
    if not is_own_file(path) or growing_files.is_linked(directory, path):
        return "is a folder, expected a file" if path.is_dir() else "is not a regular file of the run"
    found = path.stat().st_size
    if found < length:
        return f"has {plural(found, 'byte')}, expected at least {length:,}"
    if checksum is not None and growing_files.checksum(path, length) != checksum:
        return f"has other content, expected its first {plural(length, 'byte')} unchanged"
    return None


def _metrics_from_events(directory: RunDirectory, snapshot: Snapshot) -> bytes | None:
    """Return metrics.jsonl at the snapshot, as the events tell it; `None` where they do not tell all of it."""
    names = directory.metrics.name, directory.events.name
    if not all(name in snapshot.files for name in names):
        return None
    with suppress(OSError, KeyError, TypeError, ValueError):  # events that a person has changed
        events = parse_json_lines(directory.events.read_bytes()[: snapshot.files[names[1]]])
        content = json_lines(metrics_of_events(events))
        expected = snapshot.files[names[0]], snapshot.checksums.get(names[0])
        if len(content) == expected[0] and expected[1] in {None, zlib.crc32(content)}:
            return content
    return None


def _end_with_whole_line(path: Path) -> None:
    """Cut a torn last line of a text file: what follows would be read as its end."""
    content = path.read_bytes()
    whole, newline, torn = content.rpartition(b"\n")
    if not torn:
        return
    with suppress(UnicodeDecodeError):
        content.decode()
        write_whole(path, whole + newline)
