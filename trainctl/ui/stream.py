"""Writing to a stream that cannot show every character, or whose reader may go away."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TextIO

from trainctl.masking import mask

if TYPE_CHECKING:
    from collections.abc import Mapping


def encodable(text: str, stream: TextIO) -> str:
    """`text` without secrets, and with `?` for what the stream's encoding cannot show."""
    encoding = _encoding(stream)
    return mask(text).encode(encoding, "replace").decode(encoding)


def can_encode(text: str, stream: TextIO) -> bool:
    """Return whether the stream's encoding can show all of `text`."""
    encoding = _encoding(stream)
    return text.encode(encoding, "replace").decode(encoding) == text


def _encoding(stream: TextIO) -> str:
    return getattr(stream, "encoding", None) or "utf-8"


class Outlet:
    """A text stream for reports of a run: it falls silent where its reader is gone, since no run ends over its display.

    A closed terminal, a broken pipe and a full disk are such ends.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._silent = False
        self.lost: OSError | None = None
        """What kept a line from being written, where that was not its reader's end."""
        self.encoding = _encoding(stream)

    def write(self, text: str) -> int:
        """Write `text` and flush it, so that a line is seen when it is true."""
        if not self._silent:
            try:
                self._stream.write(encodable(text, self._stream))
                self._stream.flush()
            except (OSError, ValueError) as error:  # ValueError: the stream is closed
                self.lost = error if isinstance(error, OSError) and not isinstance(error, BrokenPipeError) else None
                self._fall_silent()
        return len(text)

    def line(self, text: str) -> None:
        """Write `text` as one line."""
        self.write(f"{text}\n")

    def flush(self) -> None:
        """Do nothing: every write is flushed."""

    def isatty(self) -> bool:
        """Return whether the user looks at it."""
        return not self._silent and self._stream.isatty()

    def fileno(self) -> int:
        """Return the stream's file descriptor."""
        return self._stream.fileno()

    def _fall_silent(self) -> None:
        self._silent = True
        try:  # what the stream still holds would fail once more when the interpreter closes it, with exit code 120
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)
        except (OSError, ValueError):
            return


def wants_color(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Return whether `stream` is a terminal that shows color, and no one asked for none."""
    return stream.isatty() and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


def width_of(stream: TextIO, environ: Mapping[str, str]) -> int:
    """Columns of the terminal behind `stream`; 80 where it is none."""
    if environ.get("COLUMNS", "").isdigit():
        return int(environ["COLUMNS"])
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return 80
