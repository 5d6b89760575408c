"""`history.png`: how each metric went, training beside validation. One function from what was recorded to the file."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from trainctl.aliases import Drawing, Value
from trainctl.text import plural
from trainctl.ui.metrics import Panel, list_panels, merge_panels
from trainctl.ui.plot import COLORS, choose_scale, finish_axes, keep_finite, panel_figure, save

if TYPE_CHECKING:
    from pathlib import Path

    from trainctl.events import Baseline

_STYLES = {"train": ("", COLORS[0], "-"), "validation": ("val_", COLORS[1], "-"), "test": ("test_", COLORS[2], "--")}
_MARKERS_UP_TO = 20
_MOST_PANELS = 6
_WITH_TRAINING = 4  # metrics in one panel, at most
_TITLE = 46  # characters that fit above a panel
_FEW = 6  # lines of a legend
_GREY = "#b4b4b4"
_NO_STAGES: Mapping[int, str] = MappingProxyType({})

_Row = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Result:
    """What a run came to, for its plot.

    Args:
        kept_epoch: The epoch (from 1) whose weights were kept; `None` if no single one was.
        metrics: Those of the kept weights; values of the test are drawn.
        run_id: What is written into the corner.
    """

    kept_epoch: int | None = None
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    run_id: str = ""


_NO_RESULT = Result()


def write_history_plot(
    runs: Sequence[Sequence[_Row]],
    path: Path,
    title: str,
    baseline: Baseline = MappingProxyType({}),
    stages: Mapping[int, str] = _NO_STAGES,
    result: Result = _NO_RESULT,
) -> None:
    """Draw at most six panels, related metrics in one, and one for the learning rate where it changes.

    Where nothing was measured, nothing is drawn.

    Args:
        runs: The lines of a run's `metrics.jsonl`, one an epoch; a missing, null or NaN value leaves a gap. The curves of
            several runs are drawn over each other.
        path: The picture to write, by its ending; it is replaced whole or not at all.
        title: What stands above.
        baseline: What constants come to, by the key of the metric and the kind of constant.
        stages: What each stage is called, by its first epoch (from 1).
        result: What the run came to.

    Raises:
        OSError: The file cannot be written.
    """
    runs = [rows for rows in runs if rows]
    panels = merge_panels(list_panels([row for rows in runs for row in rows]), _MOST_PANELS)
    if panels:
        save(_make_figure(runs, panels, title, baseline, stages, result), path)


def _make_figure(
    runs: Sequence[Sequence[_Row]],
    panels: Sequence[Panel],
    title: str,
    baseline: Baseline = MappingProxyType({}),
    stages: Mapping[int, str] = _NO_STAGES,
    result: Result = _NO_RESULT,
) -> Drawing:
    figure, every = panel_figure(len(panels), title)
    epochs = [row["epoch"] for rows in runs for row in rows]
    for axes, panel in zip(every, panels, strict=True):
        if len(panel.metrics) == 1:
            _draw_metric(axes, runs, panel.title)
            _mark_values(axes, panel.title, baseline, result)
        elif len(panel.metrics) <= len(COLORS):
            _draw_metrics(axes, runs, panel.metrics)
        else:
            _draw_many(axes, runs, panel.metrics)
        finish_axes(axes, panel.title if len(panel.title) <= _TITLE else f"{panel.title[: _TITLE - 1]}…", epochs)
        _mark_stages(axes, stages)
        _mark_kept(axes, result)
        choose_scale(axes)
        if panel.title != "learning_rate":
            _explain(axes)
    figure.text(0.995, 0.995, result.run_id, fontsize=6, color="0.5", ha="right", va="top", parse_math=False)
    return figure


def _draw_metric(axes: Drawing, runs: Sequence[Sequence[_Row]], name: str) -> None:
    """Draw one metric: its training, validation and test in colors of their own."""
    for label, (prefix, color, style) in _STYLES.items():
        _draw(axes, runs, prefix + name, label, color=color, linestyle=style)


def _draw_metrics(axes: Drawing, runs: Sequence[Sequence[_Row]], names: Sequence[str]) -> None:
    """Draw several metrics, a color each: the validation as lines, and of a few the training as dots."""
    is_both = False
    for name, color in zip(names, COLORS, strict=False):
        is_validated = _draw(axes, runs, f"val_{name}", name, color=color, linestyle="-")
        if is_validated and len(names) > _WITH_TRAINING:
            continue
        style = ":" if is_validated else "-"
        is_trained = _draw(axes, runs, name, "_" if is_validated else name, color=color, linestyle=style)
        is_both = is_both or (is_validated and is_trained)
    if is_both:
        axes.plot([], [], color="0.4", linestyle=":", label="training")


def _draw_many(axes: Drawing, runs: Sequence[Sequence[_Row]], names: Sequence[str]) -> None:
    """Draw the first of many metrics, which is that of the whole where there is one, before all others in grey."""
    prefix = "val_" if any(f"val_{names[0]}" in row for rows in runs for row in rows) else ""
    labels = itertools.chain([plural(len(names) - 1, "other")], itertools.repeat("_"))
    for name in names[1:]:
        _draw(axes, runs, prefix + name, next(labels), color=_GREY, linestyle="-", zorder=1.5)
    _draw(axes, runs, prefix + names[0], prefix + names[0], color=COLORS[0], linestyle="-")


def _draw(axes: Drawing, runs: Sequence[Sequence[_Row]], key: str, label: str, **style: Value) -> bool:
    """Draw what was logged under a key, and return whether there is anything; the curves of all runs share a label."""
    labels = itertools.chain([label], itertools.repeat("_"))
    drawn = [rows for rows in runs if any(key in row for row in rows)]
    for rows in drawn:
        axes.plot(
            [row["epoch"] for row in rows],
            [keep_finite(row.get(key)) for row in rows],
            label=next(labels),
            linewidth=1.5 if len(runs) == 1 else 0.8,
            marker="o" if len(runs) == 1 and len(rows) <= _MARKERS_UP_TO else None,
            markersize=3.5,
            **style,
        )
    return bool(drawn)


def _mark_values(axes: Drawing, name: str, baseline: Baseline, result: Result) -> None:
    """Draw what constants come to in the metric that is reported, and what the test came to."""
    reported = (f"val_{name}", f"test_{name}", name)
    constants = next((baseline[key] for key in reported if key in baseline), {})
    for style, (kind, value) in zip((":", "-."), constants.items(), strict=False):
        axes.axhline(value, color="#808080", linestyle=style, linewidth=1.2, label=f"baseline ({kind})")
    tested = keep_finite(result.metrics.get(f"test_{name}"))
    if math.isfinite(tested):
        axes.axhline(tested, color=COLORS[2], linestyle="--", linewidth=1.2, label="test")


def _mark_kept(axes: Drawing, result: Result) -> None:
    """Draw where the weights were kept."""
    if result.kept_epoch is not None:
        label = f"kept: epoch {result.kept_epoch}"
        axes.axvline(result.kept_epoch, color="0.35", linewidth=1, linestyle="--", label=label)


def _mark_stages(axes: Drawing, stages: Mapping[int, str]) -> None:
    """Draw a line where each stage begins that another precedes, and write what it is called."""
    for number, (first, name) in enumerate(stages.items()):
        if number:
            axes.axvline(first - 0.5, color="0.6", linewidth=0.8, linestyle=":")
        place = (first - 0.45, 0.99)
        over = axes.get_xaxis_transform()
        axes.text(*place, name, transform=over, fontsize=7, color="0.4", va="top", parse_math=False)


def _explain(axes: Drawing) -> None:
    """Add the legend: where there are many lines, in two columns and smaller."""
    few = len(axes.get_legend_handles_labels()[1]) <= _FEW
    size, columns = (8, 1) if few else (6, 2)
    legend = axes.legend(fontsize=size, ncols=columns, labelspacing=0.3, framealpha=0.7, edgecolor="none")
    for text in legend.get_texts():
        text.set_parse_math(False)
