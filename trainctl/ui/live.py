"""The display for the user at a terminal: Rich redraws the state of the run eight times a second, in its own thread."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Self, TextIO, cast

from rich.console import Console, ConsoleDimensions, Group
from rich.live import Live
from rich.text import Text

from trainctl.events import DataLoaded
from trainctl.ui.columns import MOST, column_lines
from trainctl.ui.progress import RunState, advance
from trainctl.ui.stream import Outlet
from trainctl.ui.view import view

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rich.console import RenderableType

    from trainctl.events import Event

REFRESHES_PER_SECOND = 8


class LiveDisplay:
    """Draws on `console` from the first event on. An event only makes a new state; drawing happens elsewhere.

    Args:
        console: Where to.
        clock: Seconds since the epoch.
    """

    def __init__(self, console: Console, clock: Callable[[], float] = time.time) -> None:
        self._console = console
        self._clock = clock
        self._state = RunState()
        self._entered, self._over = False, False
        # What others print belongs to console.log, which the run redirects; Rich would bring it back to the screen.
        self._live = Live(
            console=console,
            get_renderable=self.render,
            refresh_per_second=REFRESHES_PER_SECOND,
            redirect_stdout=False,
            redirect_stderr=False,
            vertical_overflow="crop",
        )

    @classmethod
    def on(cls, stream: TextIO, environ: Mapping[str, str]) -> Self:
        """Return a display on `stream`, treated as a terminal even where it is none."""
        file = cast("TextIO", Outlet(stream))
        no_color = bool(environ.get("NO_COLOR"))
        return cls(Console(file=file, force_terminal=True, no_color=no_color, highlight=False, _environ=environ))

    def __enter__(self) -> Self:
        self._entered = True
        return self

    def __exit__(self, *exception: object) -> None:
        self._state, self._over = replace(self._state, phase=None), True
        self._live.stop()

    def __call__(self, event: Event) -> None:
        """Take note of `event`."""
        self._state = advance(self._state, event)
        if self._entered and not self._live.is_started:  # a run that cannot begin leaves the screen as it is
            self._live.start()
        if isinstance(event, DataLoaded):
            self._print_columns(event)

    def _print_columns(self, event: DataLoaded) -> None:
        """Print the table of columns above what is drawn again and again."""
        _fit(self._console)
        lines = column_lines(event.details.get("columns", {}), width=self._console.width - 1, most=MOST)
        for number, line in enumerate(lines):
            self._console.print(Text(line, style="" if number else "dim"), no_wrap=True, overflow="crop")

    def render(self) -> RenderableType:
        """Return the screen as it should be now."""
        _fit(self._console)
        width, height = self._console.size
        if self._over:
            return view(self._state, now=self._clock(), width=width, height=height)
        # The terminal echoes ^C where the cursor is: on a full line that would begin another one, of which Rich knows nothing.
        return Group(view(self._state, now=self._clock(), width=width, height=height - 1), "")


def _fit(console: Console) -> None:
    """Make `console` as large as its own stream: Rich asks the standard ones, which the run may have redirected."""
    try:
        size = os.get_terminal_size(console.file.fileno())
    except (OSError, ValueError):  # no terminal
        return
    if size.columns and size.lines:  # a pseudo-terminal may say 0
        console.size = ConsoleDimensions(*size)
