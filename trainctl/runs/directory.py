"""A run's directory: made atomically, written so that a kill at any instant leaves whole files."""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from trainctl.aliases import Value
from trainctl.errors import RunDirError
from trainctl.files import is_own_file, is_own_folder, open_own, own_folder, unshare, write_whole
from trainctl.runs import latest
from trainctl.runs.failure import in_directory
from trainctl.runs.layout import RESERVED, RunDirectory
from trainctl.strict_json import to_json

_RESERVE_BYTES = 64 * 1024  # kept aside, so that a run on a full disk can still record how it ended


def create(runs_dir: Path, name: str) -> RunDirectory:
    """Return a new, empty run directory; two runs in one second never meet.

    Args:
        runs_dir: The folder of all runs; made where missing.
        name: The experiment's name.

    Raises:
        RunDirError: It cannot be made.
    """
    while True:
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        path = (runs_dir / name / f"{stamp}-{secrets.token_hex(3)}").absolute()
        if path.is_dir():
            continue  # the one in 16 million
        with in_directory(path, "make the run directory", "choose another folder with --runs-dir"):
            made = _made(path)
        latest.point_to(path)
        return made


def create_at(path: Path) -> RunDirectory:
    """Return a new, empty run directory at `path` itself, which must not exist.

    Raises:
        RunDirError: It exists, or cannot be made.
    """
    if os.path.lexists(path):
        raise RunDirError(f"{path} exists; a run needs a new directory", hint="name another one with --run-dir")
    with in_directory(path, "make the run directory", "choose another place with --run-dir"):
        return _made(path.absolute())


def create_child(parent: RunDirectory, kind: str, name: str) -> RunDirectory:
    """Return the new directory of a run that is part of another; what a kill left of one that had not begun is removed.

    Args:
        parent: The directory of the whole run.
        kind: The folder of such runs, such as `folds`.
        name: The run's name among them.

    Raises:
        RunDirError: It cannot be made.
    """
    path = parent.child(kind, name).path
    with in_directory(path, "make the run directory", "free some space or choose another folder with --runs-dir"):
        own_folder(path.parent)
        if is_own_folder(path):
            shutil.rmtree(path)
        return _made(path)


def _made(path: Path) -> RunDirectory:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir()
    directory = RunDirectory(path)
    try:
        keep_reserve(directory)
    except OSError:
        shutil.rmtree(path, ignore_errors=True)  # half a directory, on a disk that is full
        raise
    return directory


def take_over(directory: RunDirectory) -> None:
    """Make sure that what a run writes under its own names stays in its directory, which may come from a stranger.

    Raises:
        RunDirError: One of the names is a symbolic link, a pipe or a device.
        OSError: A file that an archive linked to another cannot be copied.
    """
    for name in sorted(RESERVED):
        path = directory.path / name
        if os.path.lexists(path) and not (is_own_folder(path) or is_own_file(path)):
            what = "a symbolic link" if path.is_symlink() else "neither a file nor a folder"
            raise RunDirError(
                f"{directory.shown}/{name} is {what}, and is not followed", hint="remove it, if the run is yours"
            )
    for path in filter(is_own_file, (directory.metrics, directory.events, directory.console)):
        unshare(path)


def keep_reserve(directory: RunDirectory) -> None:
    """Keep a little space aside for the end of the run.

    Raises:
        OSError: There is no space.
    """
    write_whole(directory.reserve, b"\0" * _RESERVE_BYTES)


def release_reserve(directory: RunDirectory) -> None:
    """Give the space kept aside back, before the end is recorded."""
    directory.reserve.unlink(missing_ok=True)


def write_json(path: Path, value: Mapping[str, Value]) -> None:
    """`value` as an indented JSON file, replaced atomically. NaN and infinity become null."""
    write_whole(path, (to_json(value, indent=2) + "\n").encode())


def json_lines(values: Iterable[Mapping[str, Value]]) -> bytes:
    """Return `values` as the content of a JSON-lines file. NaN and infinity become null."""
    return "".join(f"{to_json(value)}\n" for value in values).encode()


def append_json(path: Path, value: Mapping[str, Value]) -> None:
    """`value` as one line at the end of a JSON-lines file, in one write, so that a kill leaves at most a torn last line."""
    descriptor = open_own(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        data, before = json_lines([value]), os.fstat(descriptor).st_size
        if os.write(descriptor, data) != len(data):
            os.ftruncate(descriptor, before)  # half a line would hide all that come after it
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    finally:
        os.close(descriptor)


def read_json(path: Path) -> dict[str, Value]:
    """Return the mapping in a JSON file; empty where it cannot be read, or holds none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def read_json_lines(path: Path) -> list[dict[str, Value]]:
    """Return the whole lines of a JSON-lines file; a torn last line is ignored, a missing file is empty."""
    return parse_json_lines(path.read_bytes()) if is_own_file(path) else []


def parse_json_lines(content: bytes) -> list[dict[str, Value]]:
    """Return the whole lines of a JSON-lines file's content."""
    lines: list[dict[str, Value]] = []
    for line in content.decode(errors="replace").split("\n"):
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):  # torn; or a stranger's: too many digits, or too deep
            break
        if not isinstance(found, dict):
            break
        lines.append(found)
    return lines
