"""`validate --fix`: an experiment file with the mistakes repaired of which only one repair can be meant."""

from __future__ import annotations

import os
from pathlib import Path

from trainctl.config.repair import Load, Repair, repair
from trainctl.config.text.source import read_config
from trainctl.errors import RunDirError, UsageError
from trainctl.files import is_own_file, replacing
from trainctl.text import literal


def fix(config: str, load: Load) -> Repair:
    """Repair the file, and write it if anything came of that.

    Args:
        config: The file's name, as the user gave it.
        load: Loads an experiment from a text.

    Raises:
        UsageError: It cannot be read, is no file, or a link that leads out of its folder.
        ConfigError: It is not UTF-8 text, or far too large.
        RunDirError: It cannot be written.
    """
    target = _target(config)
    source = read_config(config)
    found = repair(source, load)
    if found.diff:
        _write(target, source.data, found.after.data)
    return found


def _target(config: str) -> Path:
    """Return the file to write: the one that is meant, or that a link in the same folder stands for."""
    path = Path(config)
    if is_own_file(path) or not os.path.lexists(path):
        return path
    target = path.resolve()
    if not is_own_file(target):
        raise UsageError(f"--fix needs a file to write, got {literal(config)}", hint="write it to a file first")
    if not target.is_relative_to(path.parent.resolve()):
        raise UsageError(f"{literal(config)} is a link to {target}, which --fix does not write", hint="name that file")
    return target


def _write(path: Path, before: bytes, after: bytes) -> None:
    """Replace the content of a file, unless somebody else has changed it meanwhile; its permissions stay."""
    try:
        if path.read_bytes() != before:
            raise RunDirError(f"{path} has changed meanwhile; nothing was repaired", hint="try again")
        with replacing(path) as aside:
            aside.write_bytes(after)
            aside.chmod(path.stat().st_mode & 0o7777)
    except OSError as error:
        raise RunDirError(
            f"cannot write {path}: {error.strerror}", hint="check the permissions of the folder"
        ) from None
