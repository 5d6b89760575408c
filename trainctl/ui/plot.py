"""`history.png`: how each metric went, training beside validation."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from trainctl.aliases import Value
from trainctl.files import replacing
from trainctl.ui.metrics import base_names

if TYPE_CHECKING:
    from pathlib import Path

_NOT_METRICS = {"epoch", "learning_rate", "seconds"}
_PANEL_INCHES = (4.4, 3.0)
_STYLES = {"train": ("", "#3b6fb6", "-"), "validation": ("val_", "#d9822b", "-"), "test": ("test_", "#4c9f70", "--")}
_MARKERS_UP_TO = 20
_NO_STAGES: Mapping[int, str] = MappingProxyType({})
_LOG_FROM = 100  # times the smallest value is the largest


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
    runs: Sequence[Sequence[Mapping[str, Value]]],
    path: Path,
    title: str,
    baseline: Mapping[str, Mapping[str, float]] = MappingProxyType({}),
    stages: Mapping[int, str] = _NO_STAGES,
    result: Result = _NO_RESULT,
) -> None:
    """Draw one panel a metric, and one for the learning rate where it changes; nothing where nothing was measured.

    Args:
        runs: The lines of a run's `metrics.jsonl`, one an epoch; a missing, null or NaN value leaves a gap. The curves of
            several runs are drawn over each other.
        path: The PNG to write; it is replaced whole or not at all.
        title: What stands above.
        baseline: What constants come to, by the key of the metric and the kind of constant.
        stages: What each stage is called, by its first epoch (from 1).
        result: What the run came to.

    Raises:
        OSError: The file cannot be written.
    """
    runs = [rows for rows in runs if rows]
    panels = list_panels([row for rows in runs for row in rows])
    if not panels:
        return
    save(_make_figure(runs, panels, title, baseline, stages, result), path)


def save(figure: Any, path: Path) -> None:
    """Write a figure; the ending of `path` says in which format. What is there is replaced whole or not at all.

    Raises:
        OSError: The file cannot be written.
    """
    with replacing(path) as aside, warnings.catch_warnings():
        # A title in a script that the font lacks is drawn as boxes: nothing the user could mend.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure.savefig(aside, dpi=120)


def list_panels(rows: Sequence[Mapping[str, Value]]) -> list[str]:
    """Return what deserves a panel: the metrics, training and validation in one, and the learning rate where it changes."""
    names = dict.fromkeys(name for row in rows for name in row if name not in _NOT_METRICS)
    rates = {row.get("learning_rate") for row in rows} - {None}
    return base_names(names) + (["learning_rate"] if len(rates) > 1 else [])


def _make_figure(
    runs: Sequence[Sequence[Mapping[str, Value]]],
    panels: Sequence[str],
    title: str,
    baseline: Mapping[str, Mapping[str, float]] = MappingProxyType({}),
    stages: Mapping[int, str] = _NO_STAGES,
    result: Result = _NO_RESULT,
) -> Any:
    figure, every = panel_figure(len(panels), title)
    for axes, name in zip(every, panels, strict=True):
        _draw(axes, runs, name, _constants(baseline, name))
        _mark_stages(axes, stages)
        _mark_result(axes, name, result)
        choose_scale(axes)
        if name != "learning_rate":
            axes.legend(fontsize=8, frameon=False)
    figure.text(0.995, 0.995, result.run_id, fontsize=6, color="0.5", ha="right", va="top", parse_math=False)
    return figure


def panel_figure(count: int, title: str) -> tuple[Any, list[Any]]:
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


def finish_axes(axes: Any, title: str, epochs: Sequence[int]) -> None:
    """Give a panel over epochs its title, ticks and grid."""
    from matplotlib.ticker import MaxNLocator

    axes.set_title(title, fontsize=10, loc="left", parse_math=False)
    axes.set_xlabel("epoch", fontsize=9)
    axes.set_xlim(min(epochs) - 0.5, max(epochs) + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8, min_n_ticks=1))
    axes.tick_params(labelsize=8)
    axes.grid(visible=True, alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)


def _constants(baseline: Mapping[str, Mapping[str, float]], name: str) -> Mapping[str, float]:
    """Return what constants come to in the metric that is reported: of the validation, else of the test or of training."""
    return next((baseline[key] for key in (f"val_{name}", f"test_{name}", name) if key in baseline), {})


def _draw(axes: Any, runs: Sequence[Sequence[Mapping[str, Value]]], name: str, constants: Mapping[str, float]) -> None:
    epochs = [row["epoch"] for rows in runs for row in rows]
    thickness = 1.5 if len(runs) == 1 else 0.8
    for label, (prefix, color, style) in _STYLES.items():
        labels = itertools.chain([label], itertools.repeat("_"))  # one entry of the legend for the curves of all runs
        for rows in runs:
            if any(prefix + name in row for row in rows):
                marker = "o" if len(runs) == 1 and len(rows) <= _MARKERS_UP_TO else None
                axes.plot(
                    [row["epoch"] for row in rows],
                    [keep_finite(row.get(prefix + name)) for row in rows],
                    label=next(labels),
                    color=color,
                    linestyle=style,
                    linewidth=thickness,
                    marker=marker,
                    markersize=3.5,
                )
    for style, (kind, value) in zip((":", "-."), constants.items(), strict=False):
        axes.axhline(value, color="#808080", linestyle=style, linewidth=1.2, label=f"baseline ({kind})")
    finish_axes(axes, name, epochs)


def _mark_result(axes: Value, name: str, result: Result) -> None:
    """Draw where the weights were kept, and what the test came to."""
    if result.kept_epoch is not None:
        axes.axvline(
            result.kept_epoch, color="0.35", linewidth=1, linestyle="--", label=f"kept: epoch {result.kept_epoch}"
        )
    tested = keep_finite(result.metrics.get(f"test_{name}"))
    if math.isfinite(tested):
        axes.axhline(tested, color=_STYLES["test"][1], linestyle="--", linewidth=1.2, label="test")


def choose_scale(axes: Value) -> None:
    """Use a log scale where all values are positive and far apart; elsewhere write every tick in full, with no offset."""
    values = [
        float(value) for line in axes.lines for value in line.get_ydata() if line.get_transform() == axes.transData
    ]
    finite = [value for value in values if math.isfinite(value)]
    if finite and 0 < _LOG_FROM * min(finite) < max(finite):
        axes.set_yscale("log")
    else:
        axes.ticklabel_format(axis="y", style="plain", useOffset=False)


def _mark_stages(axes: Any, stages: Mapping[int, str]) -> None:
    """Draw a line where each stage begins that another precedes, and write what it is called."""
    for number, (first, name) in enumerate(stages.items()):
        if number:
            axes.axvline(first - 0.5, color="0.6", linewidth=0.8, linestyle=":")
        place = (first - 0.45, 0.99)
        over = axes.get_xaxis_transform()
        axes.text(*place, name, transform=over, fontsize=7, color="0.4", va="top", parse_math=False)


def keep_finite(value: float | None) -> float:
    """Return the value, or NaN, which leaves a gap in a curve."""
    return value if value is not None and math.isfinite(value) else math.nan
