"""What all pictures share: panels, axes, colors, and how a figure becomes a file."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from trainctl.files import replacing

if TYPE_CHECKING:
    from pathlib import Path

    from trainctl.aliases import Drawing, Value

COLORS = ("#3b6fb6", "#d9822b", "#4c9f70", "#a45ea6", "#c44e52", "#6f6f6f", "#b8902f", "#3f9fa8", "#8b5a3c", "#d477a8")
"""Of what is drawn side by side; all can be seen on white."""
_PANEL_INCHES = (4.4, 3.0)
_DOTS = 120  # per inch
_LOG_FROM = 100  # times the smallest value is the largest
_WITHOUT_DATE = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}


def save(figure: Drawing, path: Path, dots: int = _DOTS) -> None:
    """Write a figure; what is there is replaced whole or not at all. The same figure gives the same bytes.

    Args:
        figure: The figure.
        path: The file; its ending says in which format.
        dots: Per inch.

    Raises:
        OSError: The file cannot be written.
    """
    from matplotlib import rc_context

    ending = path.suffix.lower().removeprefix(".")
    with replacing(path) as aside, warnings.catch_warnings(), rc_context({"svg.hashsalt": "trainctl"}):
        # A title in a script that the font lacks is drawn as boxes: nothing the user could mend.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure.savefig(aside, format=ending, dpi=dots, metadata=_WITHOUT_DATE.get(ending))


def panel_figure(count: int, title: str) -> tuple[Drawing, list[Drawing]]:
    """Return a figure of `count` panels side by side and below each other, and their axes."""
    # Figure alone: pyplot would look for a screen and keep every figure alive.
    from matplotlib.figure import Figure

    columns = 2 if count == 4 else min(count, 3)
    lines = math.ceil(count / columns)
    figure = Figure(figsize=(_PANEL_INCHES[0] * columns, _PANEL_INCHES[1] * lines + 0.4), layout="constrained")
    figure.suptitle(title, fontsize=12, fontweight="bold", parse_math=False)
    every = list(figure.subplots(lines, columns, squeeze=False).flat)
    for axes in every[count:]:
        axes.set_axis_off()
    return figure, every[:count]


def finish_axes(axes: Drawing, title: str, epochs: Sequence[int]) -> None:
    """Give a panel over epochs its title, ticks and grid."""
    from matplotlib.ticker import MaxNLocator

    axes.set_title(title, fontsize=10, loc="left", parse_math=False)
    axes.set_xlabel("epoch", fontsize=9)
    axes.set_xlim(min(epochs) - 0.5, max(epochs) + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8, min_n_ticks=1))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.tick_params(labelsize=8)
    axes.grid(visible=True, alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)


def choose_scale(axes: Value) -> None:
    """Use a log scale where all values are positive and far apart; elsewhere write every tick in full, with no offset."""
    values = [
        float(value) for line in axes.lines for value in line.get_ydata() if line.get_transform() == axes.transData
    ]
    finite = [value for value in values if math.isfinite(value)]
    if finite and 0 < _LOG_FROM * min(finite) < max(finite):
        axes.set_yscale("log")
    else:
        axes.yaxis.set_major_formatter(lambda value, _: _format_tick(value, axes.yaxis.get_major_locator()()))


def _format_tick(value: float, ticks: Sequence[float]) -> str:
    """Return a tick with as many digits as tell it from its neighbors."""
    step = min((abs(after - before) for before, after in pairwise(ticks)), default=0.0)
    largest = max(map(abs, ticks), default=0.0)
    if not (step and largest):
        return f"{value:.6g}"
    return f"{value:.{max(6, math.floor(math.log10(largest)) - math.floor(math.log10(step)) + 2)}g}"


def keep_finite(value: float | None) -> float:
    """Return the value, or NaN, which leaves a gap in a curve."""
    return value if value is not None and math.isfinite(value) else math.nan
