"""Where the person's own state and settings are kept, out of reach of a stranger's folder."""

from __future__ import annotations

import fcntl
import os
import pwd
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

_PROGRAM = "trainctl"


def state_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of what trainctl remembers for this user: `$XDG_STATE_HOME/trainctl`."""
    return _folder(environ, "XDG_STATE_HOME", Path(".local", "state"))


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of what can be made again at any time: `$XDG_CACHE_HOME/trainctl`."""
    return _folder(environ, "XDG_CACHE_HOME", Path(".cache"))


def settings_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of this user's settings: `$XDG_CONFIG_HOME/trainctl`."""
    return _folder(environ, "XDG_CONFIG_HOME", Path(".config"))


def _folder(environ: Mapping[str, str], variable: str, default: Path) -> Path:
    """Return the folder in `variable`; a relative path is ignored, since it depends on the working directory."""
    named = environ.get(variable, "")
    if named and Path(named).is_absolute():
        return Path(named) / _PROGRAM
    home = environ.get("HOME", "")
    if not Path(home).is_absolute():
        try:
            home = pwd.getpwuid(os.getuid()).pw_dir
        except KeyError:
            home = os.devnull  # nothing is found there, and nothing can be written
    return Path(home) / default / _PROGRAM


def read_own(path: Path) -> bytes | None:
    """Return the content of a file of this user's; `None` if there is none, or where someone else could write it."""
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            others_write = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
            return None if others_write or found.st_uid != os.getuid() else file.read()
    except OSError:
        return None


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other processes from changing what is in `folder` while inside, where they ask for the same."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # not every file system has locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
