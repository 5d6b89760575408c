"""How a run looks: from its state to what Rich draws. Pure functions; `now` and the size come from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.constrain import Constrain
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from trainctl.text import printable
from trainctl.ui import facts
from trainctl.ui.bars import bars
from trainctl.ui.metrics import base_names
from trainctl.ui.scores import scores

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import RenderableType

    from trainctl import events
    from trainctl.ui.progress import RunState

WIDEST = 100
_BARS, _BANNER, _TABLE_HEAD, _HEADER = 4, 4, 2, 10
"""Lines they take."""
_DETAILS = 70  # characters of a line's value


def view(state: RunState, *, now: float, width: int, height: int) -> RenderableType:
    """Return the whole screen.

    Args:
        state: What is known of the run.
        now: Seconds since the epoch.
        width: Columns of the terminal; a narrow one shows less.
        height: Lines of the terminal; a low one shows less, until the run is over.
    """
    width = min(width, WIDEST)
    parts = (
        _render_finished(state, state.finished, width) if state.finished else _render_running(state, now, width, height)
    )
    return Constrain(Group(*parts), width)


def _render_running(state: RunState, now: float, width: int, height: int) -> Iterator[RenderableType]:
    room = height - 1 - _BARS - _BANNER * len(state.warnings)
    most = max(2, room - _TABLE_HEAD)
    rows = min(most, len(base_names([*state.history, *state.running])))
    room -= rows + _TABLE_HEAD if rows else 0
    headed = state.started is not None and room >= _HEADER
    room -= _HEADER + bool(state.stage) if headed else 0
    if state.started and headed:
        yield _render_header(state, state.started)
    yield from map(_render_banner, state.warnings)
    yield Padding(bars(state, now, width), (1, 1, 1, 2))
    if rows:
        yield Padding(scores(state, width, most), (0, 1, 0, 2))
    if state.notices and room > 1:
        yield _render_notices(state.notices[-(room - 1) :], whole=False)


def _render_finished(state: RunState, finished: events.RunFinished, width: int) -> Iterator[RenderableType]:
    if state.started:
        yield _render_header(state, state.started)
    yield from map(_render_banner, state.warnings)
    if state.history or finished.metrics:
        yield Padding(scores(state, width), (1, 1, 0, 2))
    if state.notices:
        yield _render_notices(state.notices, whole=True)
    yield Padding(_render_summary(finished), (1, 1, 0, 2))


def _render_header(state: RunState, started: events.RunStarted) -> Panel:
    title = Text(printable(started.name), style="bold")
    if started.dry_run:
        title.append(" · dry run", style="yellow")
    return Panel(
        _render_fields(_list_header_facts(state, started)), title=title, title_align="left", border_style="dim"
    )


def _list_header_facts(state: RunState, started: events.RunStarted) -> Iterator[tuple[str, str]]:
    yield "run", " · ".join(filter(None, [printable(started.run_id), f"seed {started.seed}", state.child]))
    if started.directory:
        yield "directory", printable(started.directory)
    if started.resumed:
        yield "resumed", printable(started.resumed)
    if started.overrides:
        yield "set", printable("  ".join(started.overrides))
    if state.data:
        yield "data", facts.format_data(state.data)
        yield "input", facts.format_sample(state.data)
        if state.data.details:
            yield "details", _cut(facts.format_details(state.data.details))
    if state.model:
        yield "model", facts.format_model(state.model)
        yield "device", printable(state.model.device)
    if state.execution:
        yield "execution", "\n".join(facts.format_decisions(state.execution))
    if state.stage:
        yield "stage", state.stage.removeprefix("stage ")


def _cut(words: str) -> str:
    """So much of the words as fits on one line."""
    return words if len(words) <= _DETAILS else f"{words[: _DETAILS - 1]}…"


def _render_fields(pairs: Iterable[tuple[str, str]]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, value in pairs:
        grid.add_row(label, Text(value))
    return grid


def _render_banner(warning: str) -> Panel:
    return Panel(Text(printable(warning), style="bold"), title="warning", title_align="left", style="yellow")


def _render_notices(notices: Sequence[tuple[str, str]], *, whole: bool) -> RenderableType:
    lines = [
        Text.assemble(
            (f"{printable(who)}  " if who else "", "cyan"),
            (printable(what), "dim"),
            no_wrap=not whole,
            overflow="fold" if whole else "ellipsis",
        )
        for who, what in notices
    ]
    return Padding(Group(*lines), (1, 1, 0, 2))


def _render_summary(finished: events.RunFinished) -> RenderableType:
    done = finished.exit_code == 0
    mark = (facts.MET, "bold green") if done else (facts.MISSED, "bold red")
    parts = [Text(f"{printable(name)} {value}") for name, value in _list_spread(finished)]
    parts += [_render_expectation(each) for each in facts.told_apart(finished)]
    if finished.stand_in_for:
        parts.append(Text(f"trained on stand-in data instead of {printable(finished.stand_in_for)}", style="yellow"))
    if finished.message and not finished.diagnostics:
        parts.append(Text(printable(finished.message), style="" if done else "red"))
    if finished.hint and not finished.diagnostics:
        parts.append(Text.assemble(("help: ", "cyan"), printable(finished.hint)))
    if facts.format_costs(finished):
        parts.append(Text.assemble(("callbacks: ", "dim"), facts.format_costs(finished)))
    if finished.resume:
        parts.append(Text.assemble(("resume: ", "cyan"), printable(finished.resume), overflow="fold"))
    if finished.directory:
        parts.append(Text.assemble(("directory: ", "dim"), printable(finished.directory), overflow="fold"))
    head = Text.assemble(mark, " ", (facts.format_summary(finished), "bold"))
    return Group(head, Padding(Group(*parts), (0, 0, 0, 2)))


def _list_spread(finished: events.RunFinished) -> Iterable[tuple[str, str]]:
    """The metrics that the table has no room for: of several runs, with their deviation; and those with a baseline."""
    results = facts.format_results(finished).items()
    return [(name, value) for name, value in results if finished.children is not None or name in finished.baseline]


def _render_expectation(result: events.ExpectationResult) -> Text:
    style = "green" if result.met else "bold red"
    return Text.assemble((facts.mark(result), style), " ", printable(str(result)))
