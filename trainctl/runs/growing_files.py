"""The files that a run appends to: `metrics.jsonl`, `events.jsonl`, and those of its callbacks.

A snapshot counts them, so that what came later can be cut, and what is lost is found. Such a file may lie outside the run
directory, where other runs write too; there only what is surely this run's own is touched.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from trainctl.components.spec import CallbackSpec
from trainctl.files import force_folder, is_own_file, is_own_folder, open_own, unshare
from trainctl.runs.claims import Claim, claims_of
from trainctl.runs.layout import RunDirectory

_EVENT_FILES = "events.out.tfevents.*"  # TensorBoard's; other files in its folder are written whole
_CHUNK = 1 << 20


def of_run(directory: RunDirectory, callbacks: Iterable[CallbackSpec]) -> list[Path]:
    """The files that the run appends to, and its folders of TensorBoard's event files; none that others may share."""
    written = [(spec, directory.path / path) for spec in callbacks for path in spec.growing()]
    own = [path for spec, path in written if not spec.shares or _is_inside(directory, path)]
    return [directory.metrics, directory.events, *own]


def sizes(directory: RunDirectory, growing: Iterable[Path]) -> dict[str, int]:
    """Bytes of every growing file, by its path in the run directory; outside of that, by its absolute path.

    Args:
        directory: The run directory.
        growing: Files that are appended to, and folders of such files.
    """
    return {_key(directory, path): path.stat().st_size for path in _files(directory, growing)}


class Seal:
    """Forces growing files to the disk, and keeps a checksum of each, for which every byte is read once.

    Args:
        directory: The run directory.
        lengths: Bytes of each file that is there already.
        checksums: The CRC-32 of those bytes.
    """

    def __init__(self, directory: RunDirectory, lengths: Mapping[str, int], checksums: Mapping[str, int]) -> None:
        self._directory = directory
        self._known = {key: (lengths[key], value) for key, value in checksums.items() if key in lengths}

    def checksums(self, lengths: Mapping[str, int]) -> dict[str, int]:
        """Return the CRC-32 of so many bytes of each file, all of it on the disk; a file that is gone has none.

        Raises:
            OSError: A file cannot be read or forced to the disk.
        """
        for key, length in lengths.items():
            known = self._known.get(key, (0, 0))
            if known[0] == length and key in self._known:
                continue
            with suppress(FileNotFoundError):  # told at resume, not here: it is the run's loss, not its end
                self._known[key] = length, _sealed(self._directory.path / key, length, known)
        return {key: self._known[key][1] for key, length in lengths.items() if self._known.get(key, (-1,))[0] == length}


def _sealed(path: Path, length: int, known: tuple[int, int]) -> int:
    """Force the file to the disk, its name too where it is new, and return the checksum of its first `length` bytes."""
    descriptor = open_own(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
        begin, value = known if known[0] <= length else (0, 0)
        os.lseek(descriptor, begin, os.SEEK_SET)
        value = _crc(descriptor, length - begin, value)
    finally:
        os.close(descriptor)
    if not known[0]:
        force_folder(path.parent)
    return value


def checksum(path: Path, length: int) -> int:
    """Return the CRC-32 of the first `length` bytes of a file.

    Raises:
        OSError: It cannot be read.
    """
    descriptor = open_own(path, os.O_RDONLY)
    try:
        return _crc(descriptor, length, 0)
    finally:
        os.close(descriptor)


def _crc(descriptor: int, count: int, value: int) -> int:
    while count > 0:
        read = os.read(descriptor, min(count, _CHUNK))
        if not read:
            break
        value, count = zlib.crc32(read, value), count - len(read)
    return value


def cut(directory: RunDirectory, growing: Iterable[Path], lengths: Mapping[str, int]) -> None:
    """Bring every growing file back to its length at the snapshot; the run's own that began later are removed.

    Outside of the run directory only files are touched that the user's state folder gives to the run.

    Raises:
        OSError: A file cannot be written.
    """
    for path in _files(directory, growing):
        length, inside = lengths.get(_key(directory, path)), _is_inside(directory, path)
        if not inside and not _claims(directory, path):
            continue
        if length is not None:
            _shorten(path, length)
        elif inside or is_event_file(path):
            path.unlink()
        # else it may have been there before the run, which either replaces it or never wrote to it


def _shorten(path: Path, length: int) -> None:
    if path.stat().st_size <= length:
        return
    unshare(path)
    descriptor = open_own(path, os.O_WRONLY)
    try:
        os.ftruncate(descriptor, length)
    finally:
        os.close(descriptor)


def copy(source: RunDirectory, target: RunDirectory, growing: Iterable[Path], lengths: Mapping[str, int]) -> None:
    """Copy what the growing files in `source` held at the snapshot to `target`; those outside stay with the other run.

    The snapshot, which may be a stranger's, says only how long they were: which they are, the experiment says.

    Raises:
        OSError: A file cannot be read or written.
    """
    for path in _files(source, growing):
        name = _key(source, path)
        if name in lengths and _is_inside(source, path):
            copy = target.path / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
            os.truncate(copy, min(lengths[name], copy.stat().st_size))


def is_own(directory: RunDirectory, growing: Iterable[Path], key: str) -> bool:
    """Return whether a snapshot of this run may count `key`: the snapshot, which may be a stranger's, says only how long.

    Args:
        directory: The run directory.
        growing: Files that are appended to, and folders of such files.
        key: A path in the run directory, or an absolute path.
    """
    path = directory.path / key
    known = any(path == each or (path.is_relative_to(each) and is_event_file(path)) for each in growing)
    return known and ".." not in path.parts and (_is_inside(directory, path) or bool(_claims(directory, path)))


def _is_inside(directory: RunDirectory, path: Path) -> bool:
    return path.is_relative_to(directory.path) and ".." not in path.relative_to(directory.path).parts


def _key(directory: RunDirectory, path: Path) -> str:
    return str(path.relative_to(directory.path) if _is_inside(directory, path) else path)


def _files(directory: RunDirectory, growing: Iterable[Path]) -> Iterator[Path]:
    """The files themselves; one that a symbolic link in the run directory leads to is none of them."""
    for path in growing:
        inside = _is_inside(directory, path)
        if is_linked(directory, path):
            continue
        if is_own_file(path):
            yield path
        elif is_own_folder(path):
            found = filter(is_own_file, sorted(path.rglob(_EVENT_FILES)))
            yield from found if inside else _own(directory, path, found)


def is_linked(directory: RunDirectory, path: Path) -> bool:
    """Return whether a symbolic link in the run directory leads to the path; outside of it there is none of ours."""
    if not _is_inside(directory, path):
        return False
    steps = path.relative_to(directory.path).parts
    return any(directory.path.joinpath(*steps[:count]).is_symlink() for count in range(1, len(steps) + 1))


def is_event_file(path: Path) -> bool:
    """Return whether the file is one of TensorBoard's, to which no later session appends."""
    return path.match(_EVENT_FILES)


def _claims(directory: RunDirectory, path: Path) -> list[Claim]:
    """The claims of the run to a file outside of its directory, or to a folder above it."""
    owners = [str(directory.path)]
    found = (claims_of(place, owners) for place in (path, *path.parents))
    return next(filter(None, found), [])


def _own(directory: RunDirectory, folder: Path, event_files: Iterable[Path]) -> Iterator[Path]:
    """Those that a session of this run wrote: their names say when they were begun, on which host, by which process."""
    ends = _ends_of_sessions(directory)
    sessions = [(each, ends.get((each.host, each.pid), float("inf"))) for each in _claims(directory, folder)]
    for path in event_files:
        for claim, last in sessions:
            match = re.fullmatch(rf"events\.out\.tfevents\.(\d+)\.{re.escape(claim.host)}\.{claim.pid}\..*", path.name)
            # A process may write for several runs.
            if match is not None and int(claim.time) <= int(match[1]) <= last:
                yield path
                break


def _ends_of_sessions(directory: RunDirectory) -> dict[tuple[str, int], float]:
    """When each session in run.json ended, by its host and process, in seconds since 1970."""
    try:
        sessions = json.loads(directory.record.read_bytes())["sessions"]
        ended = [each for each in sessions if each.get("ended")]
        return {
            (str(each["host"]), int(each["pid"])): datetime.fromisoformat(each["ended"]).timestamp() for each in ended
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
