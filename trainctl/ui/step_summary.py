"""The result of a run as Markdown, for the page that GitHub Actions shows of a job."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from trainctl.events import RunFinished
from trainctl.text import printable
from trainctl.ui.facts import format_results, format_summary, mark, told_apart

_SIGNS = {"done": "✅", "paused": "⏸️"}
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#!])")


def format_step_summary(event: RunFinished, plot: Path | None) -> str:
    """Return the section of a run: how it ended, its metrics, expectations, and where its plot and directory are.

    Args:
        event: The end of the run.
        plot: Its plot; `None` if there is none.
    """
    return "\n".join(_lines(event, plot)) + "\n\n"


def _lines(event: RunFinished, plot: Path | None) -> Iterator[str]:
    yield f"### {_SIGNS.get(event.status, '❌')} {_escaped(event.run_id or 'trainctl')}"
    yield f"\n{_escaped(format_summary(event))}"
    if event.message:
        yield f"\n**{_escaped(event.message)}**" + (f"\n{_escaped(event.hint)}" if event.hint else "")
    results = format_results(event)
    if results:
        yield "\n| metric | value |\n|---|---|"
        yield from (f"| {_escaped(name)} | {_escaped(value)} |" for name, value in results.items())
    for expectation in told_apart(event):
        yield f"\n{mark(expectation)} {_escaped(str(expectation))}"
    if event.directory:
        yield f"\nrun directory: {_code(event.directory)}"
    if plot is not None:
        yield f"\nplot: {_code(str(plot))}"
    if event.resume:
        yield f"\ncontinue: {_code(event.resume)}"


def _escaped(text: str) -> str:
    """Return the text so that Markdown shows it as it is, on one line."""
    return _SPECIAL.sub(r"\\\1", printable(" ".join(text.split())))


def _code(text: str) -> str:
    return f"`{printable(text).replace('`', chr(39))}`"
