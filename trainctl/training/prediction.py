"""Predict with a run's model on new inputs."""

from __future__ import annotations

import sys
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from trainctl.aliases import Tensors, Value
from trainctl.backend import as_written, keras, tf
from trainctl.components.context import CallbackContext
from trainctl.components.data_schema import DataSchema
from trainctl.components.dataset import Rows, Samples
from trainctl.config.component import KerasComponent
from trainctl.config.experiment import Experiment
from trainctl.config.load import Loaded
from trainctl.config.model.keras_names import TWO_CLASSES, canonical_name
from trainctl.config.model.outputs import label_columns, only_loss
from trainctl.data import batches as pipeline
from trainctl.data.new.read import read_inputs
from trainctl.data.predictions import Predictions
from trainctl.errors import BuildError, DataError
from trainctl.events import ignore
from trainctl.models import build
from trainctl.runs.layout import RunDirectory
from trainctl.runs.outputs import OutputGuard
from trainctl.training import environment
from trainctl.training.model_file import whole_model


def predict(
    loaded: Loaded, directory: RunDirectory, model_file: Path, recorded: Mapping[str, Value], path: Path, scratch: Path
) -> Predictions:
    """What the run's model says of the inputs in `path`; the experiment's callbacks are called.

    Args:
        loaded: The run's experiment.
        directory: The run directory.
        model_file: The final model, a checkpoint, or a file of weights.
        recorded: What run.json tells of the data.
        path: A file, a folder or a glob: a .csv or .parquet of raw rows; a .npy, or a .npz with x (else its only array; of
            several inputs, one of each name); images; texts in .txt files, or in a column of a .csv.
        scratch: Where callbacks write.

    Raises:
        BuildError: It is a model of the user's own without `call`.
        DataError: A file is missing, or not what the model takes.
        RunDirError: The run has no model.
    """
    experiment = loaded.experiment.at_stage(-1)
    environment.set_keras_settings(experiment.execution)
    model = whole_model(directory, model_file, is_mapped=bool(experiment.data.map))
    schema = DataSchema.from_record(recorded)
    inputs = read_inputs(model, path, experiment.data.source, schema)
    claim = OutputGuard.of(loaded, directory).claim
    context = CallbackContext(scratch, ignore, build.instantiate, claim=claim)
    callbacks = build.build_callbacks(experiment.callbacks, context)
    with fitting(model, path):
        values = _answers(model, inputs.values, callbacks)
    said = understood_by(experiment, values, schema)
    return replace(said, files=tuple(map(str, inputs.files)))


@contextmanager
def fitting(model: keras.Model, path: Path) -> Iterator[None]:
    """Predict inside; inputs that the model cannot take are an error of theirs.

    Args:
        model: The model.
        path: The inputs, as the person named them.

    Raises:
        BuildError: It is a model of the user's own without `call`.
        DataError: The inputs do not fit.
    """
    try:
        yield
    except NotImplementedError as error:
        name = type(model).__name__
        raise BuildError(f"{name} has no call(), so it predicts nothing", hint=f"give {name} a call()") from error
    except (ValueError, TypeError) as error:
        batch = model.inputs[0].shape[0] if getattr(model, "inputs", None) else None
        hint = f"the model takes batches of {batch}; pass a multiple of {batch} samples" if batch else None
        raise DataError(f"{path} does not fit the model: {build.first_sentence(error)}", hint=hint) from error


def _answers(model: keras.Model, inputs: Any, callbacks: Sequence[keras.callbacks.Callback]) -> Any:
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
    batches = pipeline.evaluation(samples, _BATCH, complaints.append).map(as_written(lambda x, _: x))
    try:
        return model.predict(batches, verbose=0, callbacks=callbacks)
    except Exception as error:
        if complaints:
            raise complaints[0] from error
        raise


_BATCH = 32


def understood_by(experiment: Experiment, values: Any, schema: DataSchema) -> Predictions:
    """Return the output with the classes that the experiment's loss and labels make of it, or the names of its numbers."""
    names = () if label_columns(experiment) else experiment.data.source.prediction_names
    return replace(_with_classes(experiment, values, schema), number_names=names)


def _with_classes(experiment: Experiment, values: Tensors, schema: DataSchema) -> Predictions:
    if experiment.data.target == "inputs":
        return Predictions(values)
    loss = only_loss(experiment)
    logits = isinstance(loss, KerasComponent) and loss.arguments.get("from_logits") is True
    name = canonical_name(loss)
    counted = schema.num_classes is not None
    names = () if name in _MARGINS else schema.class_names
    if name in TWO_CLASSES and names and experiment.data.labels != "one_hot" and _has_one_each(values, names):
        return several_classes(values, names, logits=logits)
    units = {1} if name in TWO_CLASSES and counted else _MANY if name in _ONE_OF_MANY else ()
    return understood(values, names, logits=logits, units=units)


_ONE_OF_MANY = frozenset({"SparseCategoricalCrossentropy", "CategoricalCrossentropy", "CategoricalFocalCrossentropy"})
_MARGINS = frozenset({"Hinge", "SquaredHinge", "CategoricalHinge"})  # what they train gives no probabilities
_MANY = range(2, sys.maxsize)


def _has_one_each(values: Any, names: Sequence[str]) -> bool:
    return not isinstance(values, Mapping) and np.ndim(values) == 2 and np.shape(values)[1] == len(names) > 1


def several_classes(values: Any, names: Sequence[str], *, logits: bool) -> Predictions:
    """Return which of several classes each sample has: those whose probability is above a half, and the probability of each.

    Args:
        values: The model's output, (samples, classes).
        names: The names of the classes.
        logits: Whether the output is logits rather than probabilities.
    """
    each = np.asarray(keras.ops.sigmoid(values)) if logits else np.asarray(values)
    classes = tuple(";".join(np.array(names)[row > 0.5].tolist()) for row in each)
    return Predictions(values, classes, several=tuple(names), each=tuple(map(tuple, each.tolist())))


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
    if values.ndim > 3 or (values.ndim == 3 and 1 not in values.shape[1:] and (names or 1 in units)):
        return Predictions(values, masks=_masks(values, units, logits=logits))
    flat = values.reshape(len(values), -1)
    count = flat.shape[1]
    named = len(names) == 2 if count == 1 else 2 <= len(names) <= count
    if not named and (names or count not in units or values.ndim > 2):
        return Predictions(values)
    each = _probabilities(flat, logits=logits)
    indices = each.argmax(axis=1).tolist()
    classes = tuple(names[index] if index < len(names) else index for index in indices)
    called = tuple(names[index] if index < len(names) else str(index) for index in range(each.shape[1]))
    return Predictions(values, classes, tuple(each.max(axis=1).tolist()), shares=each, names=called)


def _masks(values: Any, units: Container[int], *, logits: bool) -> Any:
    """Return the class index of each place of the samples, (samples, height, width); `None` where the output is no mask."""
    if 1 in units and (values.ndim == 3 or values.shape[-1] == 1):
        places = values if values.ndim == 3 else values[..., 0]
        return (places > (0 if logits else 0.5)).astype(np.uint8)
    return values.argmax(axis=-1) if values.ndim == 4 and values.shape[-1] in units else None


def _probabilities(flat: Any, *, logits: bool) -> Any:
    """The probability of each class, (samples, classes)."""
    if flat.shape[1] > 1:
        return np.asarray(keras.ops.softmax(flat)) if logits else flat
    second = np.asarray(keras.ops.sigmoid(flat)) if logits else flat
    return np.concatenate([1 - second, second], axis=1)
