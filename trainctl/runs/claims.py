"""What runs have written outside of their directories, as this user's state folder remembers it.

A run directory may come from a stranger, and so what it says of files elsewhere is not believed: only a file that a record
here gives to a run is written over, cut or deleted.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from trainctl.files import write_whole
from trainctl.user_folders import alone, read_own, state_folder

_FOLDER = "outputs"
_MOST = 50  # claims that are kept of one path


@dataclass(frozen=True, slots=True)
class Claim:
    """That a session of a run writes to a path outside of the run directory.

    Args:
        owners: The experiment's file and the run directories that it is of.
        host: The session's host.
        pid: The session's process.
        time: When, in seconds since 1970.
        began: Whether there was nothing at the path before.
    """

    owners: tuple[str, ...]
    host: str
    pid: int
    time: float
    began: bool


def claims_of(path: Path, owners: Iterable[str]) -> list[Claim]:
    """Return the claims to `path` of any of `owners`, oldest first."""
    wanted = set(owners)
    return [claim for claim in _read(path) if wanted.intersection(claim.owners)]


def claim(path: Path, owners: Iterable[str]) -> None:
    """Record that this process writes to `path` for `owners`; a state folder that cannot be written only means to ask again."""
    path, folder = place_of(path), state_folder() / _FOLDER
    new = Claim(tuple(owners), socket.gethostname(), os.getpid(), time.time(), not os.path.lexists(path))
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with alone(folder):
            known = _read(path)
            if any(_is_same(each, new) for each in known):
                return
            kept = [asdict(each) for each in (*known, new)[-_MOST:]]
            write_whole(_file(path), (json.dumps({"path": str(path), "claims": kept}) + "\n").encode())


def place_of(path: str | Path) -> Path:
    """Return the place that a path means, whatever links lead to its folder; a link at its end is a thing of its own."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100  # resolve() would follow the last link
    return absolute.parent.resolve() / absolute.name


def _is_same(one: Claim, other: Claim) -> bool:
    return (one.owners, one.host, one.pid) == (other.owners, other.host, other.pid)


def _read(path: Path) -> list[Claim]:
    path = place_of(path)
    content = read_own(_file(path))
    if content is None:
        return []
    try:
        record = json.loads(content)
        found = [Claim(**{**each, "owners": tuple(each["owners"])}) for each in record["claims"]]
    except (ValueError, KeyError, TypeError):
        return []
    return found if record["path"] == str(path) else []


def _file(path: Path) -> Path:
    name = hashlib.sha256(str(path).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return state_folder() / _FOLDER / f"{name}.json"
