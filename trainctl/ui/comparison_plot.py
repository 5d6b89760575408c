"""The curves of several runs: one panel a metric, one color a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trainctl.aliases import Value
from trainctl.ui.metrics import list_panels
from trainctl.ui.plot import COLORS, choose_scale, finish_axes, keep_finite, panel_figure, save

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_STYLES = {"val_": "-", "": ":"}


def write_comparison_plot(runs: Mapping[str, Sequence[Mapping[str, Value]]], path: Path) -> None:
    """Draw the validation of each run as a line and its training as dots.

    Args:
        runs: For each run its label and the lines of its `metrics.jsonl`.
        path: The picture to write; its ending says which format.

    Raises:
        OSError: The file cannot be written.
    """
    rows = [row for each in runs.values() for row in each]
    if not rows:
        return
    panels = [name for panel in list_panels(rows) for name in panel.metrics]
    figure, every = panel_figure(len(panels), "validation (line) and training (dots)")
    for axes, name in zip(every, panels, strict=True):
        for number, (label, history) in enumerate(runs.items()):
            _draw(axes, history, name, label, COLORS[number % len(COLORS)])
        finish_axes(axes, name, [row["epoch"] for row in rows])
        choose_scale(axes)
    every[0].legend(fontsize=7, frameon=False)
    save(figure, path)


def _draw(axes: Value, history: Sequence[Mapping[str, Value]], name: str, label: str, color: str) -> None:
    drawn = False
    for prefix, style in _STYLES.items():
        if any(prefix + name in row for row in history):
            axes.plot(
                [row["epoch"] for row in history],
                [keep_finite(row.get(prefix + name)) for row in history],
                label="_" if drawn else label,
                color=color,
                linestyle=style,
                marker="." if len(history) == 1 else None,
            )
            drawn = True
