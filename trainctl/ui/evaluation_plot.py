"""`evaluation.png`: what an evaluation found, as a picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from trainctl.aliases import Array, Drawing, Value
from trainctl.ui.plot import COLORS, save

_BLUE, _ORANGE, _GREY = *COLORS[:2], "#808080"
_NAMED = 20  # classes whose names fit beside a matrix
_NUMBERED = 12  # classes whose counts fit into its cells
_IMAGES = 10

Panel = Callable[[Drawing], None]


def write_evaluation_plot(found: Mapping[str, Value], path: Path, title: str, images: Array | None = None) -> None:
    """Draw a panel for each thing that was found; of several outputs, those of the first that has any.

    Args:
        found: The evaluation, as `--json` prints it.
        path: The picture to write, by its ending; it is replaced whole or not at all.
        title: What stands above.
        images: The inputs of the worst mistakes, (n, height, width, channels).

    Raises:
        OSError: The file cannot be written.
    """
    from matplotlib.figure import Figure

    quality = next(iter(found.get("outputs", {}).values()), found)
    panels = list(_panels(quality)) or [_empty]
    columns = min(3, len(panels))
    lines = math.ceil(len(panels) / columns)
    with_images = images is not None and bool(quality.get("mistakes"))
    figure = Figure(figsize=(4.4 * columns, 3.6 * lines + (1.8 if with_images else 0) + 0.4), layout="constrained")
    parts: Drawing = figure.subfigures(2, 1, height_ratios=[2 * lines, 1]) if with_images else [figure]
    figure.suptitle(title, fontsize=12, fontweight="bold", parse_math=False)
    grid = parts[0].subplots(lines, columns, squeeze=False)
    for axes, panel in zip(grid.flat, panels, strict=False):
        panel(axes)
        axes.tick_params(labelsize=8)
    for axes in grid.flat[len(panels) :]:
        axes.set_axis_off()
    if with_images and images is not None:
        _draw_images(parts[1], images, quality["mistakes"])
    save(figure, path)


def _panels(quality: Mapping[str, Value]) -> Iterator[Panel]:
    if "confusion_matrix" in quality:
        yield lambda axes: _draw_matrix(axes, **quality["confusion_matrix"])
    if any("iou" in each for each in quality.get("per_class", ())):
        yield lambda axes: _draw_bars(axes, [(each["class"], each["iou"]) for each in quality["per_class"]], "IoU")
    if "roc" in quality:
        roc, pr = quality["roc"], quality["precision_recall"]
        name = f"ROC, AUC {roc['auc']:.3f}"
        yield lambda axes: _draw_curve(axes, roc["false_positive_rate"], roc["true_positive_rate"], name, "rate")
        name_pr = f"precision and recall, average {pr['average_precision']:.3f}"
        yield lambda axes: _draw_curve(axes, pr["recall"], pr["precision"], name_pr, "share")
    if "calibration" in quality:
        yield lambda axes: _draw_calibration(axes, quality["calibration"]["bins"])
    if "regression" in quality:
        yield lambda axes: _draw_points(axes, quality["points"]["label"], quality["points"]["predicted"])
        yield lambda axes: _draw_residuals(axes, quality["regression"]["residual_deciles"])
    if "importance" in quality:
        found = quality["importance"]
        bars = [(each["column"], each["mean"]) for each in found["columns"][:_NAMED]]
        yield lambda axes: _draw_bars(axes, bars, f"{found['score']} lost where shuffled")


def _empty(axes: Drawing) -> None:
    axes.text(0.5, 0.5, "nothing to draw", ha="center", va="center")
    axes.set_axis_off()


def _name(axes: Drawing, title: str, x: str = "", y: str = "") -> None:
    axes.set_title(title, fontsize=10, loc="left", parse_math=False)
    axes.set_xlabel(x, fontsize=9)
    axes.set_ylabel(y, fontsize=9)


def _draw_matrix(axes: Drawing, labels: list[str], counts: list[list[int]]) -> None:
    shares = [[count / max(1, sum(row)) for count in row] for row in counts]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    _name(axes, "confusion, by label", "prediction", "label")
    if len(labels) <= _NAMED:
        short = [label if len(label) <= 14 else f"{label[:13]}…" for label in labels]
        axes.set_xticks(range(len(labels)), short, rotation=90 if len(labels) > 3 else 0, parse_math=False)
        axes.set_yticks(range(len(labels)), short, parse_math=False)
    if len(labels) <= _NUMBERED:
        for i, row in enumerate(counts):
            for j, count in enumerate(row):
                color = "white" if shares[i][j] > 0.6 else "black"
                axes.text(j, i, f"{count:,}", ha="center", va="center", fontsize=8, color=color)


def _draw_curve(axes: Drawing, x: list[float], y: list[float], title: str, noun: str) -> None:
    names = ("false positive rate", "true positive rate") if noun == "rate" else ("recall", "precision")
    axes.plot(x, y, color=_BLUE)
    if noun == "rate":
        axes.plot([0, 1], [0, 1], color=_GREY, linestyle=":")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    axes.grid(visible=True, alpha=0.25)
    _name(axes, title, *names)


def _draw_calibration(axes: Drawing, bins: list[dict[str, float]]) -> None:
    axes.plot([0, 1], [0, 1], color=_GREY, linestyle=":")
    axes.plot([each["confidence"] for each in bins], [each["accuracy"] for each in bins], color=_BLUE, marker="o")
    axes.grid(visible=True, alpha=0.25)
    _name(axes, "calibration", "confidence", "accuracy")


def _draw_points(axes: Drawing, labels: list[float], predicted: list[float]) -> None:
    low, high = min([*labels, *predicted]), max([*labels, *predicted])
    axes.plot([low, high], [low, high], color=_GREY, linestyle=":")
    axes.scatter(labels, predicted, s=6, alpha=0.4, color=_BLUE, linewidths=0)
    axes.grid(visible=True, alpha=0.25)
    _name(axes, "predicted against label", "label", "predicted")


def _draw_residuals(axes: Drawing, deciles: list[dict[str, float]]) -> None:
    axes.axhline(0, color=_GREY, linestyle=":")
    axes.bar(range(1, len(deciles) + 1), [each["mean_residual"] for each in deciles], color=_ORANGE)
    _name(axes, "mean residual, by tenths of the labels", "tenth, lowest labels first", "predicted - label")


def _draw_bars(axes: Drawing, bars: list[tuple[str, float]], title: str) -> None:
    names = [name if len(name) <= 18 else f"{name[:17]}…" for name, _ in bars]
    axes.barh(range(len(bars)), [value for _, value in bars], color=_BLUE)
    axes.set_yticks(range(len(bars)), names, parse_math=False)
    axes.invert_yaxis()
    _name(axes, title)


def _draw_images(figure: Drawing, images: Array, mistakes: list[Mapping[str, Value]]) -> None:
    """Draw the images that are wrong with the highest confidence, each with its label and what was said."""
    shown = min(len(images), len(mistakes), _IMAGES)
    axes_of = figure.subplots(1, _IMAGES, squeeze=False).flat
    for axes in axes_of:
        axes.set_axis_off()
    for axes, image, mistake in zip(axes_of, images[:shown], mistakes, strict=False):
        low, high = float(image.min()), float(image.max())
        scaled = (image - low) / (high - low or 1)
        axes.imshow(scaled[..., 0] if scaled.shape[-1] == 1 else scaled, cmap="gray")
        axes.set_title(f"{mistake['label']}\nsaid {mistake['prediction']}", fontsize=7, parse_math=False)
