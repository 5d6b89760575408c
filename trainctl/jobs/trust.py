"""Let the Python files of a folder be loaded, list what may be, and take it back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from trainctl.components.user import trust
from trainctl.components.user.imports import files_of, offered_by
from trainctl.components.user.trust import Trusted
from trainctl.errors import RunDirError, UsageError
from trainctl.files import is_regular
from trainctl.jobs.recorded import recorded_modules
from trainctl.runs.layout import RECORD
from trainctl.runs.store import find_run
from trainctl.text import literal


def trust_folder(folder: Path) -> list[Trusted]:
    """Trust the Python files of a folder: what its pyproject.toml offers, what its run recorded, and those that lie in it.

    Args:
        folder: A working directory, or a run directory.

    Returns:
        The files with the SHA-256 of their content; another content is asked for again.

    Raises:
        UsageError: There is no such folder, nothing in it to trust, or a file that it offers is missing.
        RunDirError: The user's state folder cannot be written.
    """
    if not folder.is_dir():
        raise UsageError(f"there is no folder {literal(str(folder))}")
    files = list(dict.fromkeys(_files_in(folder)))
    if not files:
        raise UsageError(
            f"there is nothing to trust in {literal(str(folder))}",
            hint="a folder has Python files or [tool.trainctl] imports in its pyproject.toml; a run has recorded imports",
        )
    missing = [file for file in files if not is_regular(file)]
    if missing:
        raise UsageError(f"{literal(str(folder))} offers {literal(missing[0].name)}, which does not exist")
    try:
        return trust.trust(folder, files)
    except OSError as error:
        raise RunDirError(f"cannot write {error.filename}: {error.strerror}") from None


def list_trusted() -> list[Trusted]:
    """Return every file that this user has trusted, sorted by path."""
    return sorted(trust.trusted().values(), key=lambda entry: entry.path)


def distrust_folder(folder: Path) -> list[Trusted]:
    """Take back the trust in the files of a folder, or in one file.

    Returns:
        What was removed.

    Raises:
        UsageError: Nothing there was trusted.
        RunDirError: The user's state folder cannot be written.
    """
    try:
        removed = trust.forget(folder)
    except OSError as error:
        raise RunDirError(f"cannot write {error.filename}: {error.strerror}") from None
    if not removed:
        raise UsageError(f"nothing in {literal(str(folder))} is trusted", hint="see: trainctl trust --list")
    return removed


def _files_in(folder: Path) -> Iterator[Path]:
    for name in offered_by(folder):
        files = files_of(name, folder.absolute())
        if not files:
            raise UsageError(
                f"the pyproject.toml of {literal(str(folder))} offers {literal(name)}, which does not exist"
            )
        yield from files
    if is_regular(folder / RECORD):
        for module in recorded_modules(find_run(folder.parent, str(folder))):
            same = trust.digest(module.file) == module.sha256
            yield from files_of(module.name) if same and not module.name.endswith(".py") else (module.file,) * same
    yield from sorted(path for path in folder.glob("*.py") if is_regular(path))
