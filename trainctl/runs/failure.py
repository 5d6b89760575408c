"""Errors during a run, translated into errors that the user can understand and fix."""

from __future__ import annotations

import errno
import os
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from trainctl.errors import RunDirError, TrainctlError, TrainingError
from trainctl.files import MORE_OPEN_FILES

if TYPE_CHECKING:
    from trainctl.runs.layout import RunDirectory

_HINTS = {
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "check that the run directory is writable"),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "free some space"),
    errno.EISDIR: "a directory has taken the place of the file; move it away",
    errno.ENOTDIR: "a file has taken the place of the folder; move it away",
    errno.EFBIG: "raise the limit on file sizes: ulimit -f unlimited",
    **dict.fromkeys((errno.EMFILE, errno.ENFILE), MORE_OPEN_FILES),
}
_LIMITS = frozenset({errno.EFBIG, errno.EMFILE, errno.ENFILE})
_FULL = (
    (
        ("no space left on device", "errno = 28", "disk quota exceeded", "errno = 122"),
        "the disk is full",
        "free some space, or choose another folder with --runs-dir",
    ),
    (
        ("file too large", "errno = 27"),
        "a file would be larger than the limit on file sizes",
        _HINTS[errno.EFBIG],
    ),
    (
        ("too many open files", "errno = 24", "errno = 23"),
        "too many files are open",
        _HINTS[errno.EMFILE],
    ),
)
"""What writing fails with, as C libraries and TensorFlow say it; what that means, and what helps."""
_NO_MEMORY = ("failed to map segment from shared object", "cannot allocate memory")


@contextmanager
def in_directory(directory: Path, doing: str = "write into", hint: str | None = None) -> Iterator[None]:
    """Turn disk errors inside the block into errors of the run directory.

    Args:
        directory: The run directory.
        doing: What is done with it, for the message: cannot … it.
        hint: What to do; `None` says what helps against the error.

    Raises:
        RunDirError: The disk is full, or something there cannot be read or written.
    """
    try:
        yield
    except OSError as error:
        at = f" ({error.filename})" if error.filename not in {None, str(directory)} else ""
        helps = _HINTS.get(error.errno or 0)
        hint = helps if hint is None or error.errno in _LIMITS else ", or ".join(filter(None, (helps, hint)))
        raise RunDirError(f"cannot {doing} {directory}: {error.strerror or error}{at}", hint=hint) from error


def translate_error(error: BaseException, directory: RunDirectory) -> BaseException:
    """Return the error as one that the user can fix, or unchanged if it is a bug."""
    if isinstance(error, KeyboardInterrupt):
        return error
    for each in (error, error.__cause__):  # a callback that cannot write is no fault of the callback
        found = _find_directory_error(directory, each) if each is not None else None
        if found is not None:
            return _chained(found, error)
    if isinstance(error, SystemExit):  # which would end the program with the code of the user's choice, 0 too
        return _chained(
            TrainingError(
                f"imported code called sys.exit({error.code!r})",
                hint="raise an exception; a callback stops training with self.model.stop_training = True",
            ),
            error,
        )
    no_memory = memory_error(error)
    return error if no_memory is None else _chained(no_memory, error)


def memory_error(error: BaseException) -> TrainingError | None:
    """Return the error of a process that got no more memory; `None` where that was not it."""
    if isinstance(error, MemoryError):
        return TrainingError("out of memory", hint="lower data.batch_size, or set data.limit")
    if isinstance(error, ImportError | OSError) and any(sign in str(error).lower() for sign in _NO_MEMORY):
        return TrainingError("out of memory", hint="free some memory, or raise the limit: ulimit -v unlimited")
    return None


def limit_error(error: BaseException) -> RunDirError | None:
    """Return the error of a process that may not write more, or open more files; `None` where that was not it."""
    found = _find_full(error)
    return RunDirError(found[0], hint=found[1]) if found is not None and isinstance(error, OSError) else None


def _find_full(error: BaseException) -> tuple[str, str] | None:
    text = str(error).lower()
    return next(((what, hint) for signs, what, hint in _FULL if any(sign in text for sign in signs)), None)


def _find_directory_error(directory: RunDirectory, error: BaseException) -> RunDirError | None:
    """Return the problem of the run directory behind `error`, or `None`."""
    if isinstance(error, RunDirError):
        return None
    full = _find_full(error)
    if full is not None:
        return RunDirError(f"{full[0]}: cannot write into {directory.shown}", hint=full[1])
    if not isinstance(error, OSError) or not str(error.filename).startswith(str(directory.path)):
        return None
    if not directory.resolved.is_file():  # the folder itself may have been created again since
        return RunDirError(f"the run directory {directory.shown} was deleted during the run")
    return RunDirError(f"cannot write {error.filename}: {error.strerror}", hint=_HINTS.get(error.errno or 0))


def log_traceback(error: BaseException) -> None:
    """Write the traceback of an unexpected failure to stderr, which is console.log during a run."""
    if error.__cause__ is not None or not isinstance(error, TrainctlError | KeyboardInterrupt):
        with suppress(OSError):  # the disk may be full
            traceback.print_exception(error)


def name_no_folder(error: BaseException, folder: Path) -> None:
    """Take a folder that goes with the error out of its words: a person would look for it in vain."""
    if not isinstance(error, TrainctlError):
        return

    def without(text: str) -> str:
        return text.replace(f"{folder}{os.sep}", "").replace(str(folder), "the run directory")

    error.message = without(error.message)
    error.args = (error.message,)
    error.hint = without(error.hint) if error.hint else error.hint
    error.diagnostics = tuple(replace(each, message=without(each.message)) for each in error.diagnostics)


def _chained(error: TrainctlError, cause: BaseException) -> TrainctlError:
    error.__cause__ = cause
    return error
