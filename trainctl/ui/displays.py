"""Which display shows a run: one word chooses, `auto` looks at the terminal."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, TextIO

from trainctl.errors import UsageError
from trainctl.text import one_of
from trainctl.ui.github import GithubDisplay
from trainctl.ui.jsonl import JsonlDisplay
from trainctl.ui.lines import LinesDisplay
from trainctl.ui.quiet import QuietDisplay
from trainctl.ui.stream import can_encode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trainctl.events import Sink

FORMATS = ("auto", "rich", "lines", "jsonl", "github", "quiet")
"""What `--format` may be."""


def make_display(
    format: str,
    *,
    stdout: TextIO,
    stderr: TextIO,
    environ: Mapping[str, str],
) -> AbstractContextManager[Sink]:
    """Return the display that `format` names; it shows events between entering and leaving it.

    Args:
        format: One of `FORMATS`.
        stdout: For results: JSON lines and annotations.
        stderr: For everything else.
        environ: The environment: `TERM`, `CI`, `NO_COLOR`, `COLUMNS`, `LINES`.

    Raises:
        UsageError: There is no such format.
    """
    match format:
        case "auto" if not stderr.isatty() or environ.get("CI"):
            return nullcontext(LinesDisplay(stderr))
        case "auto" | "rich":
            return (
                _make_live_display(stderr, environ)
                if _can_be_live(stderr, environ)
                else nullcontext(LinesDisplay(stderr))
            )
        case "lines":
            return nullcontext(LinesDisplay(stderr))
        case "jsonl":
            return nullcontext(JsonlDisplay(stdout))
        case "github":
            return nullcontext(GithubDisplay(stdout, stderr))
        case "quiet":
            return nullcontext(QuietDisplay(stderr))
    raise UsageError(f"unknown format {format!r}: expected {one_of(FORMATS)}", hint="Pass --format auto")


def _can_be_live(stream: TextIO, environ: Mapping[str, str]) -> bool:
    return environ.get("TERM") != "dumb" and can_encode("━▁█⠋✓✗×·", stream)


def _make_live_display(stderr: TextIO, environ: Mapping[str, str]) -> AbstractContextManager[Sink]:
    from trainctl.ui.live import LiveDisplay  # Rich costs 60 ms, and only a terminal needs it

    return LiveDisplay.on(stderr, environ)
