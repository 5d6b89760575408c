"""Using what was trained: evaluate a run's model on its data, predict for new inputs."""

from __future__ import annotations

import math
import sys
import zipfile
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from trainctl.backend import keras, tf
from trainctl.components.context import CallbackContext
from trainctl.components.dataset import Rows, Samples
from trainctl.config.experiment import Experiment, KerasComponent
from trainctl.config.load import Loaded
from trainctl.config.model.keras_names import TWO_CLASSES, canonical_name
from trainctl.config.model.outputs import only_loss
from trainctl.data import batches as pipeline
from trainctl.data.new.raw import inputs_of
from trainctl.errors import DataError, RunDirError
from trainctl.events import Event
from trainctl.models import build
from trainctl.runs.layout import RunDirectory
from trainctl.text import one_of
from trainctl.training.train import INFERENCE, prepare

Cell = str | int | float


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a model says of some inputs.

    Args:
        values: The model's output, (samples, …); of several outputs, a mapping of their names to such.
        classes: The name of the likeliest class of each sample, or its index where it has no name; empty where the output
            is no class.
        probabilities: The probability of that class, (samples,); empty likewise.
        files: The file of each sample, where each has one of its own.
    """

    values: Any
    classes: tuple[str | int, ...] = ()
    probabilities: tuple[float, ...] = ()
    files: tuple[str, ...] = ()

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """A head and a row for each sample: its file, then the class and its probability, or the output; numbers to six digits."""
        if not self.files:
            return self._answers()
        return ((file, *row) for file, row in zip(("file", *self.files), self._answers(), strict=True))

    def _answers(self) -> Iterator[tuple[Cell, ...]]:
        if self.classes:
            yield ("prediction", "probability")
            yield from zip(self.classes, map(_six_digits, self.probabilities), strict=True)
            return
        several = self.values if isinstance(self.values, Mapping) else {"": self.values}
        arrays = {name: np.asarray(each) for name, each in several.items()}
        yield tuple(head for name, each in arrays.items() for head in _heads(name, each.shape[1:]))
        flat = np.concatenate([each.reshape(len(each), -1) for each in arrays.values()], axis=1)
        yield from (tuple(map(_six_digits, row)) for row in flat.tolist())


def _heads(output: str, shape: tuple[int, ...]) -> Iterator[str]:
    """What to call each number of an output, by its place in it: `output_0_2`; "" is the only output."""
    if math.prod(shape) == 1:
        yield output or "prediction"
        return
    for place in np.ndindex(shape):
        yield "_".join(map(str, (output or "output", *place)))


def _six_digits(value: float) -> float:
    return float(f"{value:.6g}")


def evaluate(
    loaded: Loaded, directory: RunDirectory, seed: int, split: str | None, scratch: Path, known_data: str | None = None
) -> tuple[str, Mapping[str, float], bool]:
    """The metrics of the run's model on one split of its data; the experiment's callbacks are called.

    Args:
        loaded: The run's experiment.
        directory: The run directory, with model.keras.
        seed: The run's seed, which decides the splits.
        split: train, validation or test; `None` takes test where there is one, else validation, else train.
        scratch: Where callbacks write.
        known_data: The fingerprint of the data that the run was trained on.

    Returns:
        The split, its metrics, and whether the data has changed since.

    Raises:
        DataError: The data is gone, or has no such split.
        RunDirError: The run has no model.
    """
    model_file = _existing(directory.model)
    built = prepare(loaded, seed, _ignore)
    changed = known_data not in {None, "", built.data.fingerprint}
    built.model.optimizer.build(built.model.trainable_variables)  # the file holds its state too
    with _readable(model_file, "the data has changed since the run, and the model with it" if changed else None):
        built.model.load_weights(model_file)
    splits = built.data.splits
    found = {name: part for name in ("test", "validation", "train") if (part := getattr(splits, name)) is not None}
    name = split or next(iter(found))
    if name not in found:
        raise DataError(f"the data has no {name} split", hint=f"it has {one_of(found, 'and')}")
    callbacks = build.build_callbacks(built.experiment.callbacks, CallbackContext(scratch, _ignore, build.instantiate))
    with built.data.reading():
        results = built.model.evaluate(
            built.data.evaluation(found[name]), callbacks=callbacks, verbose=0, return_dict=True
        )
    return name, {key: float(value) for key, value in results.items()}, changed


def predict(
    loaded: Loaded, directory: RunDirectory, recorded: Mapping[str, Any], path: Path, scratch: Path
) -> Predictions:
    """What the run's model says of the inputs in `path`; the experiment's callbacks are called.

    Args:
        loaded: The run's experiment.
        directory: The run directory, with inference.keras (raw inputs) or model.keras.
        recorded: What run.json tells of the data: `class_names`, `num_classes`, and `details` with the kinds of the columns.
        path: A file, a folder or a glob: a .csv or .parquet of raw rows; a .npy, or a .npz with x (else its only array; of
            several inputs, one of each name); images; texts in .txt files, or in a column of a .csv.
        scratch: Where callbacks write.

    Raises:
        DataError: A file is missing, or not what the model takes.
        RunDirError: The run has no model.
    """
    experiment = loaded.experiment
    whole = directory.path / INFERENCE
    model = _loaded_model(whole if whole.is_file() or experiment.data.map else directory.model)
    inputs = inputs_of(model, path, experiment.data.source, recorded)
    callbacks = build.build_callbacks(experiment.callbacks, CallbackContext(scratch, _ignore, build.instantiate))
    try:
        values = _answers(model, inputs.values, callbacks)
    except (ValueError, TypeError) as error:
        batch = model.inputs[0].shape[0]
        hint = f"the model takes batches of {batch}: give a multiple of {batch} samples" if batch else None
        raise DataError(f"{path} does not fit the model: {build.first_sentence(error)}", hint=hint) from error
    said = _understood_by(experiment, values, recorded)
    return replace(said, files=tuple(map(str, inputs.files)))


def _answers(model: Any, inputs: Any, callbacks: Sequence[Any]) -> Any:
    """The model's output; inputs that are read when they are wanted are read a batch at a time.

    Raises:
        DataError: One of them cannot be read.
    """
    if isinstance(inputs, Mapping):  # a table's columns: of arrays, Keras makes float32 before the model can look
        inputs = tf.data.Dataset.from_tensor_slices(dict(inputs)).batch(_BATCH)
    if not isinstance(inputs, Rows):
        return model.predict(inputs, verbose=0, callbacks=callbacks)
    complaints: list[DataError] = []
    samples = Samples(inputs, np.zeros(len(inputs), np.float32))  # batches have labels, which nobody asks for
    batches = pipeline.evaluation(samples, _BATCH, complaints.append).map(lambda x, _: x)
    try:
        return model.predict(batches, verbose=0, callbacks=callbacks)
    except Exception as error:
        if complaints:
            raise complaints[0] from error
        raise


_BATCH = 32


def _understood_by(experiment: Experiment, values: Any, recorded: Mapping[str, Any]) -> Predictions:
    """The output with the classes that the experiment's loss and labels make of it."""
    if experiment.data.target == "inputs":
        return Predictions(values)
    loss = only_loss(experiment)
    logits = isinstance(loss, KerasComponent) and loss.arguments.get("from_logits") is True
    name = canonical_name(loss)
    counted = recorded.get("num_classes") is not None
    names = () if name in _MARGINS else recorded.get("class_names") or ()
    units = {1} if name in TWO_CLASSES and counted else _MANY if name in _ONE_OF_MANY else ()
    return understood(values, names, logits=logits, units=units)


_ONE_OF_MANY = frozenset({"SparseCategoricalCrossentropy", "CategoricalCrossentropy", "CategoricalFocalCrossentropy"})
_MARGINS = frozenset({"Hinge", "SquaredHinge", "CategoricalHinge"})  # what they train gives no probabilities
_MANY = range(2, sys.maxsize)


def understood(values: Any, names: Sequence[str], *, logits: bool, units: Container[int] = ()) -> Predictions:
    """The model's output with the likeliest class of each sample.

    Where each class has an output, or two classes have one; else the output alone.

    Args:
        values: The model's output.
        names: The names of the classes, where the run recorded them.
        logits: Whether the output is logits rather than probabilities.
        units: How many outputs of a sample are classes also where these have no names.
    """
    if isinstance(values, Mapping):
        return Predictions(values)
    values = np.asarray(values)
    flat = values.reshape(len(values), -1)
    count = flat.shape[1]
    named = len(names) == 2 if count == 1 else 2 <= len(names) <= count
    if not named and (names or count not in units or values.ndim > 2):
        return Predictions(values)
    each = _probabilities(flat, logits=logits)
    indices = each.argmax(axis=1).tolist()
    classes = tuple(names[index] if index < len(names) else index for index in indices)
    return Predictions(values, classes, tuple(each.max(axis=1).tolist()))


def _probabilities(flat: Any, *, logits: bool) -> Any:
    """The probability of each class, (samples, classes)."""
    if flat.shape[1] > 1:
        return np.asarray(keras.ops.softmax(flat)) if logits else flat
    second = np.asarray(keras.ops.sigmoid(flat)) if logits else flat
    return np.concatenate([1 - second, second], axis=1)


def _loaded_model(path: Path) -> Any:
    with _readable(_existing(path)):
        return keras.saving.load_model(path)


@contextmanager
def _readable(path: Path, hint: str | None = None) -> Iterator[None]:
    try:
        yield
    except (ValueError, OSError, KeyError, zipfile.BadZipFile) as error:
        raise RunDirError(
            f"{path} cannot be read: {build.first_sentence(error)}", hint=hint or "it is damaged, or of another model"
        ) from error


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise RunDirError(f"there is no {path.name} in {path.parent}", hint="the run did not come to its end")
    return path


def _ignore(_event: Event) -> None:
    """Nobody watches."""
