"""The table of metrics: one row for `loss` and `val_loss`, with the best epoch and the way there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from trainctl.text import format_number, printable
from trainctl.ui.metrics import PARTS, base_names, best, spark_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trainctl.ui.metrics import Point
    from trainctl.ui.progress import RunState

_BEST_NEEDS = 56
_TREND_NEEDS = 76
_TREND_WIDTH = 16


def scores(state: RunState, width: int, most: int | None = None) -> Table:
    """Return the metrics of the kept weights once the run is over, before that of the last epoch or the running one.

    Args:
        state: What is known of the run.
        width: Columns of the terminal; a narrow one shows no trend, a very narrow one no best.
        most: How many rows there is room for, 2 or more; `None` for all.
    """
    now = _collect_values(state)
    parts = [part for part, prefix in PARTS.items() if part == "train" or any(name.startswith(prefix) for name in now)]
    bases = base_names(now)
    table = _make_table(parts, width)
    listed = bases if most is None or len(bases) <= most else bases[: most - 1]
    for base in listed:
        cells = [
            Text(_format_value(now.get(PARTS[part] + base)), style="bold" if part == "val" else "") for part in parts
        ]
        table.add_row(Text(printable(base)), *cells, *_render_past(state, base, width))
    if len(listed) < len(bases):
        table.add_row(Text(f"and {len(bases) - len(listed)} more", style="dim"))
    return table


def _collect_values(state: RunState) -> dict[str, float]:
    if state.finished is not None and state.finished.metrics:
        return dict(state.finished.metrics)
    latest: Mapping[str, float] = state.latest.metrics if state.latest else {}
    return {**latest, **state.running}


def _make_table(parts: list[str], width: int) -> Table:
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="dim", border_style="dim")
    table.add_column("metric", overflow="fold")
    for part in parts:
        table.add_column(part, justify="right", no_wrap=True, min_width=8)
    if width >= _BEST_NEEDS:
        table.add_column("best (epoch)", justify="right", no_wrap=True)
    if width >= _TREND_NEEDS:
        table.add_column("trend", no_wrap=True, min_width=_TREND_WIDTH)
    return table


def _render_past(state: RunState, base: str, width: int) -> list[Text]:
    points = state.history.get(f"val_{base}") or state.history.get(base, ())
    cells = [Text(_format_best(points, _find_direction(state, base)), style="green")] if width >= _BEST_NEEDS else []
    if width >= _TREND_NEEDS:
        cells.append(Text(spark_line([value for _, value in points], _TREND_WIDTH), style="cyan"))
    return cells


def _find_direction(state: RunState, base: str) -> str | None:
    return state.model.directions.get(base) if state.model else None


def _format_best(points: tuple[Point, ...], direction: str | None) -> str:
    point = best(points, direction)
    return "" if point is None else f"{format_number(point[1])} ({point[0]})"


def _format_value(value: float | None) -> str:
    return "" if value is None else format_number(value)
