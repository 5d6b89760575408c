"""A picture of a data set: how its columns and labels are distributed, and some of its images, texts or series."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trainctl.aliases import Array
from trainctl.text import printable
from trainctl.ui.plot import COLORS, save

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_WIDTH = 12.0  # inches
_DOTS = 110  # per inch
_LETTERS = 32  # of a title or a name
_LINES = 7  # of a text


@dataclass(frozen=True, slots=True)
class Bars:
    """How often each value is there.

    Args:
        title: What they are of.
        names: The values.
        counts: How often each is there; of each class how often among its samples, where there are several.
        classes: The names of the classes; empty where they are not told apart.
    """

    title: str
    names: Sequence[str]
    counts: Sequence[Sequence[int]]
    classes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Histogram:
    """How numbers are distributed.

    Args:
        title: What they are.
        values: The numbers (n,), none of them NaN; of each class those of its samples, where there are several.
        classes: The names of the classes; empty where they are not told apart.
        dates: Whether the numbers are days since 1970-01-01.
    """

    title: str
    values: Sequence[Array]
    classes: Sequence[str] = ()
    dates: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """An image (height, width, channels) of uint8, or of numbers from 0 to 1, and its label in words."""

    image: Array
    caption: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text, and its label in words."""

    text: str
    caption: str


@dataclass(frozen=True, slots=True)
class Curves:
    """Some values over time.

    Args:
        title: What they are.
        lines: Each line's name and values (steps,).
        ahead: The steps and the values that are to be predicted; empty where there are none.
    """

    title: str
    lines: Sequence[tuple[str, Array]]
    ahead: tuple[Sequence[float], Sequence[float]] = ((), ())


Panel = Bars | Histogram | Picture | Text | Curves

_SHAPES: dict[type, tuple[int, float]] = {  # panels side by side, and how high each is in inches
    Bars: (4, 2.1),
    Histogram: (4, 2.1),
    Picture: (8, 1.65),
    Text: (3, 1.45),
    Curves: (2, 2.2),
}


def write_data_plot(panels: Sequence[Panel], path: Path, title: str) -> None:
    """Draw the panels, those of a kind together, into one picture.

    Args:
        panels: In their order.
        path: The PNG, SVG or PDF to write, by its ending; it is replaced whole or not at all.
        title: What stands above.

    Raises:
        OSError: The file cannot be written.
    """
    figure = _make_figure(_sections(panels), title)
    save(figure, path, dots=_DOTS)


def _sections(panels: Sequence[Panel]) -> list[list[Panel]]:
    """The panels in groups of one shape."""
    found: dict[tuple[int, float], list[Panel]] = {}
    for panel in panels:
        found.setdefault(_SHAPES[type(panel)], []).append(panel)
    return list(found.values())


def _make_figure(sections: Sequence[Sequence[Panel]], title: str) -> Any:
    # Figure alone: pyplot would look for a screen and keep every figure alive.
    from matplotlib.figure import Figure

    shapes = [_shape(section) for section in sections]
    heights = [math.ceil(len(part) / side) * high for part, (side, high) in zip(sections, shapes, strict=True)]
    figure = Figure(figsize=(_WIDTH, sum(heights) + 0.5), layout="constrained")
    figure.suptitle(printable(title), fontsize=13, fontweight="bold", parse_math=False)
    parts = figure.subfigures(len(sections), 1, height_ratios=heights, squeeze=False)[:, 0]
    for part, section, (side, _) in zip(parts, sections, shapes, strict=True):
        grid = part.subplots(math.ceil(len(section) / side), side, squeeze=False)
        for axes in grid.flat[len(section) :]:
            axes.set_axis_off()
        for axes, panel in zip(grid.flat, section, strict=False):
            _DRAWN[type(panel)](axes, panel)
    return figure


def _shape(section: Sequence[Panel]) -> tuple[int, float]:
    """How many panels stand side by side, no fewer than two, and how high each is in inches."""
    side, height = _SHAPES[type(section[0])]
    return min(side, max(2, len(section))), height


def _draw_bars(axes: Any, bars: Bars) -> None:
    names = [_short(name) for name in bars.names]
    left = [0] * len(names)
    for number, counts in enumerate(bars.counts):
        label = _short(bars.classes[number]) if bars.classes else None
        axes.barh(range(len(names)), counts, left=left, color=COLORS[number % len(COLORS)], height=0.75, label=label)
        left = [before + count for before, count in zip(left, counts, strict=True)]
    if bars.classes:
        axes.legend(fontsize=6, frameon=False, handlelength=1, labelspacing=0.2, loc="lower right")
    axes.set_yticks(range(len(names)), names, parse_math=False)
    axes.invert_yaxis()
    _dress(axes, bars.title)


def _draw_histogram(axes: Any, histogram: Histogram) -> None:
    values = [each.astype("datetime64[D]") for each in histogram.values] if histogram.dates else list(histogram.values)
    colors = COLORS[: len(values)]
    axes.hist(values, bins=30, stacked=True, color=colors, label=[_short(each) for each in histogram.classes] or None)
    if histogram.classes:
        axes.legend(fontsize=6, frameon=False, handlelength=1, labelspacing=0.2)
    if histogram.dates:
        from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

        locator = AutoDateLocator(maxticks=5)
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    _dress(axes, histogram.title)


def _draw_picture(axes: Any, picture: Picture) -> None:
    image = picture.image
    grey = image.shape[-1] == 1
    axes.imshow(
        image[..., 0] if grey else image,
        cmap="gray" if grey else None,
        vmin=0,
        vmax=1 if image.dtype.kind == "f" else 255,
    )
    axes.set_axis_off()
    axes.set_title(_short(picture.caption), fontsize=8, parse_math=False, pad=2)


def _draw_text(axes: Any, text: Text) -> None:
    axes.set_axis_off()
    lines = textwrap.wrap(printable(" ".join(text.text.split())), 60)
    shown = lines[:_LINES] + (["…"] if len(lines) > _LINES else [])
    axes.set_title(_short(text.caption), fontsize=9, loc="left", color=COLORS[0], fontweight="bold", parse_math=False)
    axes.text(0, 1, "\n".join(shown), va="top", fontsize=7.5, transform=axes.transAxes, parse_math=False)


def _draw_curves(axes: Any, curves: Curves) -> None:
    for number, (name, values) in enumerate(curves.lines):
        color = COLORS[number % len(COLORS)]
        axes.plot(values, label=_short(name), linewidth=1.1, color=color, marker="." if len(values) < 3 else None)
    if len(curves.ahead[0]):
        axes.plot(*curves.ahead, "o", color="black", markersize=3.5, label="to predict")
    axes.legend(fontsize=6.5, frameon=False, loc="upper left", ncols=3, handlelength=1.2)
    _dress(axes, curves.title)


def _dress(axes: Any, title: str) -> None:
    axes.set_title(_short(title), fontsize=9, loc="left", parse_math=False)
    axes.tick_params(labelsize=7)
    axes.grid(visible=True, alpha=0.2)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _short(text: str) -> str:
    text = printable(str(text))
    return text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1]}…"


_DRAWN: dict[type, Callable[[Any, Any], None]] = {
    Bars: _draw_bars,
    Histogram: _draw_histogram,
    Picture: _draw_picture,
    Text: _draw_text,
    Curves: _draw_curves,
}
