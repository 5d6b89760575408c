"""The curve of a learning-rate range test: a picture, and a few lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from trainctl.ui.plot import COLORS, save

_LINES = 16
_BAR = 30  # characters


def write_rate_plot(
    rates: Sequence[float], losses: Sequence[float], suggestion: float | None, path: Path, title: str
) -> None:
    """Draw the loss over the learning rate, and mark the suggestion.

    Args:
        rates: Learning rates, growing.
        losses: As many smoothed losses.
        suggestion: The rate to mark.
        path: The picture to write, by its ending; it is replaced whole or not at all.
        title: What stands above.

    Raises:
        OSError: The file cannot be written.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    axes = figure.subplots()
    axes.plot(rates, losses, color=COLORS[0])
    axes.set_xscale("log")
    axes.set_ylim(*_sensible(losses))
    if suggestion is not None:
        axes.axvline(suggestion, color=COLORS[1], linestyle="--", label=f"suggestion {suggestion:.2g}")
        axes.legend(fontsize=9, frameon=False)
    axes.set_title(title, fontsize=11, fontweight="bold", parse_math=False)
    axes.set_xlabel("learning rate", fontsize=9)
    axes.set_ylabel("loss, smoothed", fontsize=9)
    axes.grid(visible=True, alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    save(figure, path)


def _sensible(losses: Sequence[float]) -> tuple[float, float]:
    """Return the limits of the axis: a loss that explodes at the end must not flatten the rest."""
    low, high = min(losses), max(losses[0], min(losses) * 1.2 if min(losses) > 0 else max(losses))
    room = 0.15 * (high - low or 1.0)
    return low - room, high + room


def rate_lines(rates: Sequence[float], losses: Sequence[float], suggestion: float | None) -> Iterator[str]:
    """The curve as lines of text: some of the learning rates, each with its loss and a bar."""
    shown = sorted({round(index * (len(rates) - 1) / (_LINES - 1)) for index in range(_LINES)})
    if suggestion is not None:
        shown = sorted({*shown, min(range(len(rates)), key=lambda index: abs(rates[index] - suggestion))})
    low, high = _sensible(losses)
    yield "learning rate  loss"
    for index in shown:
        share = min(1.0, max(0.0, (losses[index] - low) / (high - low)))
        mark = "  suggestion" if rates[index] == suggestion else ""
        yield f"{rates[index]:13.2e}  {losses[index]:<8.4g}  {'█' * round(share * _BAR)}{mark}".rstrip()
