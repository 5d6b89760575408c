"""The program's stdout and stderr where no one reads them: closed, or on a full disk.

What goes wrong with stderr changes nothing. A result on stdout that cannot be written is an error of its own.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from contextlib import suppress

from trainctl.errors import RunDirError

UNWRITABLE = frozenset({errno.EBADF, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""What writing to a standard stream fails with; an error of a file names the file besides."""


class LenientStderr(io.TextIOWrapper):
    """A stderr whose failures are not reported: there is no place to report them."""

    def write(self, text: str) -> int:
        """Write `text`, or give up writing."""
        try:
            return super().write(text)
        except OSError:
            discard(2)
            return len(text)

    def flush(self) -> None:
        """Write what is held back, or give up writing."""
        try:
            super().flush()
        except OSError:
            discard(2)


def open_standard_streams() -> None:
    """Occupy the descriptors 0 to 2 where they are closed, so that no file takes their place, and open the streams anew.

    Writing to a closed stdout then fails as writing to a full disk does.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_WRONLY if number == 2 else os.O_RDONLY)  # the lowest that is free: this one
    if sys.stdin is None:
        sys.stdin = os.fdopen(0, closefd=False)
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    encoding = sys.stderr.encoding if sys.stderr is not None else "utf-8"
    raw = os.fdopen(2, "wb", closefd=False)
    sys.stderr = LenientStderr(raw, encoding, "backslashreplace", line_buffering=True)


def discard(number: int) -> None:
    """Send a descriptor nowhere: what its stream still holds would fail once more when Python ends, with exit code 120."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)
        os.close(nowhere)


def tell_lost_result(error: OSError) -> int:
    """Tell that a result could not be written to stdout, and return the exit code of that.

    Raises:
        OSError: It was not about stdout.
    """
    if not is_of_stdout(error):
        raise error
    discard(1)
    reason = "stdout is closed" if error.errno == errno.EBADF else f"stdout: {error.strerror}"
    sys.stderr.write(f"error[output]: the result cannot be written: {reason}\n")
    return RunDirError.exit_code


def is_of_stdout(error: BaseException) -> bool:
    """Return whether `error` came of writing a result to stdout."""
    return isinstance(error, OSError) and error.errno in UNWRITABLE and error.filename is None
