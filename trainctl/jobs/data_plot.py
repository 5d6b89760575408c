"""`data --plot`: what the picture of a data set shows. Only images that are mapped or augmented need TensorFlow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from trainctl.aliases import Array, Data, Value
from trainctl.components.context import DataContext
from trainctl.components.dataset import ColumnKind, Samples, read
from trainctl.components.labels import OutputLabels
from trainctl.config.load import Loaded
from trainctl.config.model.log_keys import is_classification
from trainctl.config.model.outputs import losses
from trainctl.config.model.wanted import wanted_labels
from trainctl.data.findings import sampled
from trainctl.events import ignore
from trainctl.jobs.data import Understood
from trainctl.sources.reading.windows import Windows
from trainctl.ui.data_plot import Bars, Curves, Histogram, Panel, Picture, Text, write_data_plot

_COLUMNS = 23  # of a table that are drawn, beside the label
_PICTURES, _TEXTS, _SERIES = 40, 12, 6
_VALUES = 8  # of a column of categories
_CLASSES = 6  # that a histogram tells apart
_FEATURES = 4  # lines of a window
_LOOKED_AT = 64  # samples of data that is no table, for histograms


def plot_data(understood: Understood, path: Path, title: str, loaded: Loaded | None = None) -> None:
    """Draw what was understood of some data.

    Args:
        understood: The data.
        path: The PNG to write.
        title: What stands above.
        loaded: The experiment that it belongs to, whose `map` and `augment` change its images.

    Raises:
        OSError: The file cannot be written.
        DataError, BuildError: A sample cannot be read, or a layer of `map` or `augment` does not fit.
    """
    panels = [*_label_panels(understood), *_input_panels(understood, loaded)]
    write_data_plot(panels, path, title)


def _label_panels(understood: Understood) -> Iterator[Panel]:
    """How the labels are distributed."""
    if understood.labels is None:
        return
    for name, known in _outputs(understood.report.label):
        classes = known.get("classes")
        if classes is None:
            y = understood.train.y
            values = np.asarray(_some(y[name] if isinstance(y, Mapping) else y, 20_000), float)
            yield Histogram(_title(name), [values.ravel()])
            continue
        shown = (
            sorted(classes.items(), key=lambda each: -each[1])[:_VALUES]
            if len(classes) > 2 * _VALUES
            else classes.items()
        )
        more = f", {len(shown)} of {len(classes):,} classes" if len(shown) < len(classes) else ""
        yield Bars(_title(name) + more, [str(each) for each, _ in shown], [[count for _, count in shown]])


def _title(name: str) -> str:
    return "labels" if name in {"label", "y"} else f"labels: {name}"


def _outputs(label: Mapping[str, Value]) -> list[tuple[str, Mapping[str, Value]]]:
    if "outputs" in label:
        return list(label["outputs"].items())
    return [(str(label["name"]), label)]


def _input_panels(understood: Understood, loaded: Loaded | None) -> Iterator[Panel]:
    train, labels = understood.train, understood.labels
    if understood.kinds:
        yield from _column_panels(understood)
        return
    inputs = train.x if isinstance(train.x, Mapping) else {"x": train.x}
    only = None if labels is None else labels.only
    for name, rows in inputs.items():
        if rows.dtype == object:
            yield from _text_panels(_first(train, rows, _TEXTS), only)
        elif _is_image(rows.shape[1:]):
            yield from _picture_panels(_images(train, rows, loaded), only)
        elif isinstance(rows, Windows) or (len(rows.shape) == 3 and rows.shape[1] > 1):
            yield from _curve_panels(train, rows, understood)
        else:
            yield from _array_panels(name, rows)


def _column_panels(understood: Understood) -> Iterator[Panel]:
    """The columns of a table; of a classification with few classes, numbers by class."""
    sample = sampled(understood.train)
    only = None if understood.labels is None else understood.labels.only
    by_class = only is not None and only.are_classes and 1 < (only.classes or 0) <= _CLASSES and sample.y.ndim == 1
    classes = [_class_name(only, index) for index in range(only.classes or 0)] if only is not None and by_class else []
    for name, kind in islice(understood.kinds.items(), _COLUMNS):
        values = sample.x[name]
        if kind.is_words or kind is ColumnKind.BOOLEAN:
            said = np.array(_said(values, kind), object)
            counts = Counter(said.tolist())
            shown = [each for each, _ in counts.most_common(_VALUES)]
            more = f", {_VALUES} of {len(counts):,}" if len(counts) > _VALUES else ""
            tallies = [Counter(said[sample.y == index].tolist()) for index in range(len(classes))] or [counts]
            yield Bars(f"{name}{more}", shown, [[tally[each] for each in shown] for tally in tallies], classes)
            continue
        there = ~np.isnan(values)
        parts = [values[there & (sample.y == index)] for index in range(len(classes))] or [values[there]]
        yield Histogram(name, parts, classes, dates=kind is ColumnKind.DATE)


def _said(values: Array, kind: ColumnKind) -> list[str]:
    if kind is ColumnKind.BOOLEAN:
        return ["(missing)" if np.isnan(each) else str(bool(each)) for each in values]
    return [each or "(missing)" for each in values.tolist()]


def _first(train: Samples, rows: Data, count: int) -> list[tuple[Value, Value]]:
    """Some samples and their labels, spread over all."""
    indices = np.unique(np.linspace(0, len(train) - 1, min(count, len(train))).astype(np.int64))
    y = read(train.y, indices)
    labels = [None] * len(indices) if isinstance(y, Mapping) else list(y)
    return list(zip(read(rows, indices), labels, strict=True))


def _images(train: Samples, rows: Data, loaded: Loaded | None) -> list[tuple[Value, Value]]:
    """Images and their labels, as the model gets them."""
    section = None if loaded is None else loaded.experiment.data
    if loaded is None or section is None or not (section.map or section.augment):
        return _first(train, rows, _PICTURES)
    from trainctl.data import prepare  # TensorFlow: seconds; only images that are changed pay

    prepared = prepare.load(
        section,
        DataContext(ignore),
        loss_is_classification=all(map(is_classification, losses(loaded.experiment).values())),
        seed=loaded.experiment.seed or 0,
        inputs={name: each.taken_from(name) for name, each in loaded.experiment.model.inputs.items()},
        wanted=wanted_labels(loaded.experiment),
    )
    found: list[tuple[Value, Value]] = []
    with prepared.reading():
        for x, y, *_ in islice(prepared.training(), -(-_PICTURES // section.batch_size)):
            found += zip(np.asarray(x), [None] * len(x) if isinstance(y, Mapping) else np.asarray(y), strict=True)
    return found


def _picture_panels(samples: Sequence[tuple[Value, Value]], labels: OutputLabels | None) -> Iterator[Panel]:
    lowest, highest = min(float(x.min()) for x, _ in samples), max(float(x.max()) for x, _ in samples)
    masked = np.ndim(samples[0][1]) >= 2
    for x, y in samples[: _PICTURES // 2 if masked else _PICTURES]:
        if not _is_image(x.shape):  # `map` made something else of it
            continue
        yield Picture(_shown(x, lowest, highest), _caption(y, labels))
        if masked:
            yield Picture(_as_image(np.asarray(y)), "its label")


def _as_image(label: Array) -> Array:
    """A mask, or an image that is a label, from 0 to 1."""
    grey = (
        label[..., None] if label.ndim == 2 else label if label.shape[-1] in {1, 3, 4} else label.argmax(-1)[..., None]
    )
    return _shown(grey.astype(np.float32), float(grey.min()), float(grey.max()))


def _shown(image: Array, lowest: float, highest: float) -> Array:
    """An image that can be drawn: as it is where it is of bytes, or of numbers from 0 to 1 or to 255; else stretched."""
    if image.dtype == np.uint8:
        return image
    image = image.astype(np.float32)
    if lowest >= 0 and highest <= 1:
        return image
    if lowest >= 0 and 16 < highest <= 255:
        return np.asarray(image / 255)
    return np.asarray((image - lowest) / max(highest - lowest, 1e-12))


def _is_image(shape: Sequence[int | None]) -> bool:
    return len(shape) == 3 and shape[-1] in {1, 3, 4} and min(each or 2 for each in shape[:2]) > 1


def _text_panels(samples: Sequence[tuple[Value, Value]], labels: OutputLabels | None) -> Iterator[Panel]:
    lengths = np.array([len(str(x).split()) for x, _ in samples], float)
    yield Histogram("words of a text", [lengths])
    for x, y in samples:
        yield Text(str(x), _caption(y, labels))


def _curve_panels(train: Samples, rows: Data, understood: Understood) -> Iterator[Panel]:
    """The label over all samples, and some windows: each line brought to mean 0 and variance 1."""
    y = train.y
    if not isinstance(y, Mapping) and y.ndim == 1 and y.dtype.kind == "f":
        every = np.unique(np.linspace(0, len(train) - 1, min(len(train), 2000)).astype(np.int64))
        yield Curves("labels to train on, in order", [("label", read(y, every))])
    names = understood.names or tuple(f"x[{index}]" for index in range(rows.shape[2]))
    for number, (x, label) in enumerate(_first(train, rows, _SERIES), 1):
        numbers = np.asarray(x, float)
        spread = numbers.std(axis=0)
        scaled = (numbers - numbers.mean(axis=0)) / np.where(spread > 0, spread, 1)
        lines = [(name, scaled[:, index]) for index, name in enumerate(names[:_FEATURES])]
        said = "" if label is None or np.ndim(label) else f", label {_caption(label, None)}"
        yield Curves(f"window {number}{said}", lines)


def _array_panels(name: str, rows: Data) -> Iterator[Panel]:
    """Each number of short vectors, or all numbers together."""
    values = np.asarray(_some(rows, 5_000 if len(rows.shape) <= 2 else _LOOKED_AT), float)
    if values.ndim == 2 and values.shape[1] <= _COLUMNS:
        for index in range(values.shape[1]):
            yield Histogram(f"{name}[{index}]", [values[~np.isnan(values[:, index]), index]])
        return
    yield Histogram(f"{name}, all values", [values[~np.isnan(values)]])


def _some(rows: Data, count: int) -> Data:
    indices = np.unique(np.linspace(0, len(rows) - 1, min(count, len(rows))).astype(np.int64))
    return read(rows, indices)


def _caption(y: Value, labels: OutputLabels | None) -> str:
    """A label in words."""
    if y is None or np.ndim(y) >= 2:
        return ""
    if labels is None or not (labels.are_classes or labels.names):
        return f"{float(y):.4g}" if np.ndim(y) == 0 else " ".join(f"{each:.3g}" for each in y[:4])
    if np.ndim(y) == 0 or len(y) == 1:
        return _class_name(labels, int(np.ravel(y)[0]))
    if np.isclose(np.sum(y), 1):
        return _class_name(labels, int(np.argmax(y)))
    return ", ".join(_class_name(labels, int(index)) for index in np.flatnonzero(np.asarray(y) > 0.5))


def _class_name(labels: OutputLabels, index: int) -> str:
    return labels.names[index] if index < len(labels.names) else str(index)
