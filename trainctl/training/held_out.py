"""What the model of a fold says of the samples that were held out from it."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

import numpy as np

from trainctl.aliases import Array, Data
from trainctl.components.dataset import Samples, read
from trainctl.components.labels import OutputLabels
from trainctl.data.changed_labels import labels_by_output
from trainctl.data.predictions import as_text
from trainctl.events import Notice, Sink
from trainctl.files import saved_atomically
from trainctl.models.undo import with_own_units
from trainctl.runs.layout import PREDICTIONS, RunDirectory
from trainctl.text import plural
from trainctl.training.built import Built
from trainctl.training.prediction import understood_by

MOST_NUMBERS = 100
"""Numbers of one prediction, or of one label, from which on they are not written: masks and images have many more."""

_AT_ONCE = 8192


def write_held_out(built: Built, directory: RunDirectory, emit: Sink) -> None:
    """Write predictions.csv of the test samples, where these are a fold: row (from 0), label, and what `predict` writes.

    Raises:
        OSError: The disk is full.
    """
    data, test = built.data, built.data.splits.test
    if data.held_out is None or test is None:
        return
    size = max(math.prod(size or 1 for size in shape[1:]) for shape in _output_shapes(built))
    if size > MOST_NUMBERS:
        message = f"{PREDICTIONS} is not written: a prediction has {plural(size, 'number')}"
        emit(Notice(message=message))
        return
    with data.reading():
        values = with_own_units(built.model, data.labels).predict(data.evaluation(test), verbose=0)
    said = understood_by(built.experiment, values, data.schema).rows()
    outputs = {} if built.experiment.data.target == "inputs" else data.labels.outputs
    labels = _labels(test, outputs)
    rows = ([str(row)] for row in data.held_out().tolist())

    def write(aside: str) -> None:
        with Path(aside).open("w", encoding="utf-8", newline="") as file:
            lines = zip(chain([["row"]], rows), labels, map(as_text, said), strict=True)
            csv.writer(file, lineterminator="\n").writerows([*row, *label, *cells] for row, label, cells in lines)

    saved_atomically(directory.predictions, write)


def _output_shapes(built: Built) -> list[tuple[int | None, ...]]:
    """Return the shapes of the model's outputs; of a model that does not tell, none with many numbers."""
    shapes = getattr(built.model, "output_shape", (None, 1))
    if isinstance(shapes, Mapping):
        return list(shapes.values())
    return list(shapes) if isinstance(shapes, list) else [shapes]


def _labels(samples: Samples, outputs: Mapping[str, OutputLabels]) -> Iterator[list[str]]:
    """Yield a head, then the cells of each sample: its label of each output, but those of images and masks."""
    kept = {
        name: each for name, each in outputs.items() if len(each.shape) < 2 and math.prod(each.shape) <= MOST_NUMBERS
    }
    yield [head for name, each in kept.items() for head in _heads(f"label_{name}" if name else "label", each)]
    by_output = labels_by_output(samples)
    for begin in range(0, len(samples), _AT_ONCE):
        chosen = np.arange(begin, min(begin + _AT_ONCE, len(samples)))
        columns = [_cells(read(by_output[name], chosen), each) for name, each in kept.items()]
        yield from (list(chain.from_iterable(cells)) for cells in zip([[]] * len(chosen), *columns, strict=True))


def _heads(label: str, output: OutputLabels) -> list[str]:
    if not output.shape or _is_named(output):
        return [label]
    return [f"{label}_{index}" for index in range(output.shape[0] or 1)]


def _is_named(output: OutputLabels) -> bool:
    """Return whether several 0 or 1 are written as the names of the classes that a sample has."""
    return len(output.shape) == 1 and len(output.names) == output.shape[0]


def _cells(batch: Data, output: OutputLabels) -> list[list[str]]:
    """Return the cells of each sample's label: a class by its name, several joined by `;`, else numbers as they are."""
    if _is_named(output):
        names = np.array(output.names)
        return [[";".join(names[row > 0].tolist())] for row in batch]
    return [[_class_or_number(value, output) for value in np.atleast_1d(each)] for each in batch]


def _class_or_number(value: Array, output: OutputLabels) -> str:
    """Return a class by its name where it has one, and a number in the label's own unit."""
    if output.undo and output.change is not None:
        return f"{output.change.own(float(value)):.7g}"
    is_named = output.are_classes and 0 <= value < len(output.names)
    return str(output.names[int(value)]) if is_named else str(value)
