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

if TYPE_CHECKING:
    from trainctl.runs.layout import RunDirectory

_HINTS = {
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "check that the run directory is writable"),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "free some space"),
    errno.EISDIR: "a directory has taken the place of the file; move it away",
    errno.ENOTDIR: "a file has taken the place of the folder; move it away",
    errno.EFBIG: "raise the limit on file sizes: ulimit -f unlimited",
    errno.EMFILE: "raise the limit on open files: ulimit -n 4096",
}
_DISK_FULL = ("no space left on device", "errno = 28", "disk quota exceeded", "errno = 122")


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
        hint = hint or _HINTS.get(error.errno or 0)
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
    if isinstance(error, MemoryError):
        return _chained(TrainingError("out of memory", hint="lower data.batch_size, or set data.limit"), error)
    return error


def _find_directory_error(directory: RunDirectory, error: BaseException) -> RunDirError | None:
    """Return the problem of the run directory behind `error`, or `None`."""
    if isinstance(error, RunDirError):
        return None
    if any(sign in str(error).lower() for sign in _DISK_FULL):
        return RunDirError(
            f"the disk is full: cannot write into {directory.shown}",
            hint="free some space, or choose another folder with --runs-dir",
        )
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
