"""Whose Python files this user has allowed to run: paths with the SHA-256 of their content, in the user's state folder.

Nothing in a run directory or a working directory counts, since both may come from someone else.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from trainctl.files import write_whole
from trainctl.user_folders import alone, read_own, state_folder

VARIABLE = "TRAINCTL_TRUSTED_DIRS"
"""The environment variable that names folders to trust, for CI; nothing is recorded."""
_FILE, _SCHEMA = "trust.json", 1


@dataclass(frozen=True, slots=True)
class Trusted:
    """A file that may be loaded as long as its content stays the same.

    Args:
        path: The file, absolute, symbolic links resolved.
        sha256: The SHA-256 of its content.
        folder: The folder that was trusted; `None` if the file was named with `--import`.
    """

    path: str
    sha256: str
    folder: str | None = None


def trusted() -> dict[str, Trusted]:
    """Return what this user has trusted, by path; empty where nothing was, or where the store cannot be read."""
    content = read_own(state_folder() / _FILE)
    if content is None:
        return {}
    try:
        store = json.loads(content)
        entries = [Trusted(each["path"], each["sha256"], each["folder"]) for each in store["files"]]
    except (ValueError, KeyError, TypeError):
        return {}
    return {entry.path: entry for entry in entries}


def distrusted(files: Iterable[Path]) -> Iterator[tuple[Path, bool]]:
    """Yield those of `files` that may not be loaded, each with whether it was trusted with another content."""
    store: Mapping[str, Trusted] | None = None
    folders = trusted_folders()
    for file in files:
        path = file.resolve()
        if any(path.is_relative_to(folder) for folder in folders):
            continue
        store = trusted() if store is None else store
        entry = store.get(str(path))
        if entry is None or entry.sha256 != digest(path):
            yield file, entry is not None


def trusted_folders(environ: Mapping[str, str] = os.environ) -> list[Path]:
    """Return the folders that `TRAINCTL_TRUSTED_DIRS` names, parted as in PATH."""
    names = environ.get(VARIABLE, "").split(os.pathsep)
    return [Path(name).expanduser().resolve() for name in names if name.strip()]


def digest(path: Path) -> str | None:
    """Return the SHA-256 of a file's content in hexadecimal; `None` if it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def remember(files: Iterable[Path]) -> None:
    """Trust files that the user named with `--import`; a state folder that cannot be written only means to ask again."""
    store = trusted()
    entries = [Trusted(str(path), hash_) for path in map(Path.resolve, files) if (hash_ := digest(path))]
    new = [each for each in entries if each.path not in store or store[each.path].sha256 != each.sha256]
    if new:
        with suppress(OSError):
            _update(lambda known: known.update((each.path, each) for each in new))


def trust(folder: Path, files: Iterable[Path]) -> list[Trusted]:
    """Trust `files` for the sake of `folder`.

    Returns:
        What was recorded.

    Raises:
        OSError: The state folder cannot be written.
    """
    paths = dict.fromkeys(file.resolve() for file in files)
    entries = [Trusted(str(path), hash_, str(folder.resolve())) for path in paths if (hash_ := digest(path))]
    _update(lambda known: known.update((each.path, each) for each in entries))
    return entries


def forget(path: Path) -> list[Trusted]:
    """Trust nothing any longer of what was trusted for the folder `path`, or lies in it.

    Returns:
        What was removed.

    Raises:
        OSError: The state folder cannot be written.
    """
    folder = path.resolve()
    removed: list[Trusted] = []

    def change(known: dict[str, Trusted]) -> None:
        removed.extend(each for each in known.values() if _belongs(each, folder))
        for entry in removed:
            del known[entry.path]

    _update(change)
    return removed


def _belongs(entry: Trusted, folder: Path) -> bool:
    return Path(entry.path).is_relative_to(folder) or entry.folder == str(folder)


def _update(change: Callable[[dict[str, Trusted]], None]) -> None:
    folder = state_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with alone(folder):
        known = trusted()
        change(known)
        store = {"schema": _SCHEMA, "files": [asdict(entry) for entry in known.values()]}
        write_whole(folder / _FILE, (json.dumps(store, indent=2) + "\n").encode())
