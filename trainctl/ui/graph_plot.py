"""A picture of a model's graph: its nodes from top to bottom, branches side by side, models within it framed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from trainctl.ui.plot import save

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ROW = 0.55  # inches between two nodes
_LANE = 3.1  # inches between two branches
_BOX = 2.6  # inches
_MOST = 400  # nodes that a picture can show


@dataclass(frozen=True, slots=True)
class Box:
    """A node in the picture.

    Args:
        path: Its name, with those of the models around it before it.
        title: What it is.
        note: What is written below, such as its shape.
        takes: The paths of the nodes that it takes.
        is_shared: Whether its layer is another node's.
    """

    path: tuple[str, ...]
    title: str
    note: str
    takes: tuple[tuple[str, ...], ...]
    is_shared: bool = False


def write_graph_plot(boxes: Sequence[Box], path: Path, title: str) -> None:
    """Draw the nodes and what each takes.

    Args:
        boxes: The nodes in their order; of a large model the first 400.
        path: The picture to write, by its ending; it is replaced whole or not at all.
        title: What is written above.

    Raises:
        OSError: The file cannot be written.
    """
    from matplotlib.figure import Figure

    left_out = len(boxes) - _MOST
    boxes = boxes[:_MOST]
    boxes = [replace(box, takes=tuple(_end(boxes, box, taken) for taken in box.takes)) for box in boxes]
    lanes = _lanes(boxes)
    width = (max(lanes.values()) + 1) * _LANE + 1.0
    rows = _rows(boxes, lanes)
    height = (max(rows.values()) + 2) * _ROW
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(-0.5, width - 0.5)
    axes.set_ylim(-height + _ROW, _ROW)
    axes.axis("off")
    places = {box.path: (lanes[box.path] * _LANE + _BOX / 2, -(rows[box.path] + 0.5) * _ROW) for box in boxes}
    more = f", without the last {left_out:,} nodes" if left_out > 0 else ""
    axes.text(0, _ROW * 0.35, f"{title}{more}", fontsize=11, fontweight="bold", va="center", parse_math=False)
    _draw_frames(axes, boxes, places)
    above: dict[int, tuple[str, ...]] = {}  # the last node of each lane
    for box in boxes:
        for taken in box.takes:
            if taken in places:
                _draw_edge(axes, places[taken], places[box.path], is_next=above.get(lanes[box.path]) == taken)
        above[lanes[box.path]] = box.path
    for box in boxes:
        _draw_box(axes, box, places[box.path])
    save(figure, path, dots=110)


def _end(boxes: Sequence[Box], box: Box, taken: tuple[str, ...]) -> tuple[str, ...]:
    """Return the node that gives what a node takes: of a model, its last, except for what is in that model."""
    is_inside = box.path[: len(taken)] == taken
    inner = [] if is_inside else [each.path for each in boxes if each.path[: len(taken)] == taken]
    return inner[-1] if inner else taken


def _lanes(boxes: Sequence[Box]) -> Mapping[tuple[str, ...], int]:
    """Return the lane of each node, from the left: that of what it takes, unless another node has continued it."""
    lanes: dict[tuple[str, ...], int] = {}
    ends: dict[int, tuple[str, ...]] = {}  # the last node of each lane
    left = _uses(boxes)
    for box in boxes:
        known = [taken for taken in box.takes if taken in lanes]
        for taken in known:
            left[taken] -= 1
        own = [lanes[taken] for taken in known if ends[lanes[taken]] == taken]
        free = (lane for lane in range(len(boxes) + 1) if lane not in ends or not left.get(ends[lane]))
        lane = min(own) if own else next(free)
        lanes[box.path], ends[lane] = lane, box.path
    return lanes


def _rows(boxes: Sequence[Box], lanes: Mapping[tuple[str, ...], int]) -> Mapping[tuple[str, ...], int]:
    """Return the row of each node, from the top: below all that it takes, and below the one before it in its lane."""
    rows: dict[tuple[str, ...], int] = {}
    lowest: dict[int, int] = {}
    for box in boxes:
        lane = lanes[box.path]
        rows[box.path] = max([rows[taken] for taken in box.takes if taken in rows] + [lowest.get(lane, -1)]) + 1
        lowest[lane] = rows[box.path]
    return rows


def _uses(boxes: Sequence[Box]) -> dict[tuple[str, ...], int]:
    """Return how many nodes take each node."""
    counts = dict.fromkeys((box.path for box in boxes), 0)
    for box in boxes:
        for taken in box.takes:
            counts[taken] = counts.get(taken, 0) + 1
    return counts


def _draw_box(axes: Axes, box: Box, place: tuple[float, float]) -> None:
    from matplotlib.patches import FancyBboxPatch

    x, y = place
    depth = len(box.path) - 1
    half = _BOX / 2 - 0.08 * depth
    fill = "#eef3fb" if not box.is_shared else "#fdf1e3"
    fill = "#e6f4ea" if box.title == "Input" else fill
    axes.add_patch(
        FancyBboxPatch(
            (x - half, y - 0.18),
            2 * half,
            0.36,
            boxstyle="round,pad=0,rounding_size=0.06",
            fc=fill,
            ec="#7a8aa5",
            lw=0.8,
        )
    )
    axes.text(x - half + 0.1, y, _short(box.title, 20), fontsize=8.5, va="center", color="#1c2a3f", parse_math=False)
    axes.text(
        x + half - 0.1,
        y,
        _short(box.note, max(6, round(40 - 1.25 * min(20, len(box.title))))),
        fontsize=7,
        va="center",
        ha="right",
        color="#5a6780",
        parse_math=False,
    )


def _draw_edge(axes: Axes, start: tuple[float, float], end: tuple[float, float], *, is_next: bool) -> None:
    """Draw what flows from one node to another: straight down, past the nodes between, or across to another lane."""
    half, bend = _BOX / 2, 0.0
    if start[0] != end[0]:
        side = half if start[0] < end[0] else -half
        start, end = (start[0] + side, start[1]), (end[0] - side, end[1])
    elif is_next:
        start, end = (start[0], start[1] - 0.18), (end[0], end[1] + 0.18)
    else:
        bend = -0.12 - 0.3 / (start[1] - end[1])
        start, end = (start[0] + half, start[1]), (end[0] + half, end[1])
    style = {"arrowstyle": "-|>", "mutation_scale": 8, "color": "#7a8aa5", "lw": 0.9, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", xy=end, xytext=start, arrowprops={**style, "connectionstyle": f"arc3,rad={bend:.3f}"})


def _draw_frames(axes: Axes, boxes: Sequence[Box], places: Mapping[tuple[str, ...], tuple[float, float]]) -> None:
    """Draw a frame round the nodes of each model within the model."""
    from matplotlib.patches import Rectangle

    for path, inside in _models(boxes):
        xs = [places[each.path][0] for each in inside]
        ys = [places[each.path][1] for each in inside]
        pad = 0.16 - 0.05 * (len(path) - 1)
        axes.add_patch(
            Rectangle(
                (min(xs) - _BOX / 2 - pad, min(ys) - 0.24),
                max(xs) - min(xs) + _BOX + 2 * pad,
                max(ys) - min(ys) + 0.48,
                fc="none",
                ec="#b3bfd3",
                lw=0.9,
                ls="--",
            )
        )


def _models(boxes: Sequence[Box]) -> Iterator[tuple[tuple[str, ...], list[Box]]]:
    paths = {box.path[:depth] for box in boxes for depth in range(1, len(box.path))}
    for path in sorted(paths):
        yield path, [box for box in boxes if box.path[: len(path)] == path]


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
