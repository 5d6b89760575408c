"""`runs/<name>/latest`: a link to the newest run of a name. It is read once, and nothing is ever written through it."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from trainctl.errors import RunDirError
from trainctl.files import is_own_folder
from trainctl.runs.layout import LATEST, RUN_ID


def point_to(path: Path) -> None:
    """Have `latest` beside a new run directory lead to it; where the file system has no links, do nothing.

    A `latest` that is no link is someone else's, and stays.
    """
    link = path.with_name(LATEST)
    if os.path.lexists(link) and not link.is_symlink():
        return
    aside = link.with_name(f".{LATEST}-{secrets.token_hex(4)}")
    with suppress(OSError):  # no links here; or the folder may not be written, which the run itself reports
        aside.symlink_to(path.name)
        try:
            aside.replace(link)
        except OSError:
            aside.unlink()
            raise


def point_anew(folder: Path) -> None:
    """Have the `latest` of a folder from which a run was removed lead to the newest one left; remove it if there is none."""
    link = folder / LATEST
    if not link.is_symlink() or is_own_folder(folder / link.readlink()):
        return
    left = [each for each in folder.iterdir() if RUN_ID.fullmatch(each.name) and is_own_folder(each)]
    if left:
        point_to(max(left))
        return
    with suppress(OSError):
        link.unlink()


def without_latest(path: Path) -> Path:
    """Return the path with each `latest` that is a link replaced by the run beside it that it leads to.

    A path that begins with `latest` is none: it means the newest run of all.

    Raises:
        RunDirError: One of them leads elsewhere: it is a stranger's, and what is written there would be written anywhere.
    """
    if LATEST not in path.parts:
        return path
    found = Path()
    for part in path.parts:
        found = found / part
        found = _run_of(found) if part == LATEST and found != Path(LATEST) and found.is_symlink() else found
    return found


def _run_of(link: Path) -> Path:
    target = str(link.readlink())
    beside = link.with_name(target) if target not in {"", ".", ".."} and os.sep not in target else None
    if beside is None or not is_own_folder(beside):
        raise RunDirError(
            f"{link} is a link that leads to no run beside it, and is not followed", hint="name the run by its id"
        )
    return beside
