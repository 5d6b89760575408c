"""Using what was trained: evaluate a run's model on its data, predict for new inputs."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from trainctl.components.columns import kind_of, require, values
from trainctl.components.context import CallbackContext
from trainctl.components.dataset import ColumnKind
from trainctl.components.delimited import default_missing, read_header, read_texts
from trainctl.config.load import Loaded
from trainctl.errors import DataError, RunDirError
from trainctl.events import Event
from trainctl.runs.directory import RunDirectory
from trainctl.runtime import build
from trainctl.runtime.train import prepare
from trainctl.words import nearest, one_of


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a model says of some inputs.

    Args:
        values: The model's output, (samples, …); of several outputs, a mapping of their names to such.
        classes: The name (or index) of the likeliest class of each sample; empty where the output is no class.
    """

    values: Any
    classes: tuple[str, ...] = ()

    def rows(self) -> Iterator[tuple[str, ...]]:
        """A head and a row for each sample: the class and its probability, or the output."""
        if isinstance(self.values, Mapping):
            yield from _side_by_side(self.values)
            return
        flat = np.asarray(self.values).reshape(len(self.values), -1)
        if self.classes:
            yield ("prediction", "probability")
            yield from (
                (name, f"{row.max():.6g}") for name, row in zip(self.classes, _probabilities(flat), strict=True)
            )
            return
        yield tuple(f"output_{index}" for index in range(flat.shape[1])) if flat.shape[1] > 1 else ("prediction",)
        yield from (tuple(f"{value:.6g}" for value in row) for row in flat)


def _side_by_side(values: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """A head and a row for each sample: each output's numbers, under its name."""
    flat = {name: np.asarray(each).reshape(len(each), -1) for name, each in values.items()}
    counts = {name: each.shape[1] for name, each in flat.items()}
    yield tuple(name if count == 1 else f"{name}_{i}" for name, count in counts.items() for i in range(count))
    yield from (tuple(f"{value:.6g}" for value in row) for row in np.concatenate([*flat.values()], axis=1))


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
    built.model.optimizer.build(built.model.trainable_variables)  # the file holds its state too
    with _readable(model_file):
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
    changed = known_data not in {None, "", built.data.fingerprint}
    return name, {key: float(value) for key, value in results.items()}, changed


def predict(
    loaded: Loaded, directory: RunDirectory, class_names: Sequence[str], path: Path, scratch: Path
) -> Predictions:
    """What the run's model says of the inputs in `path`; the experiment's callbacks are called.

    Args:
        loaded: The run's experiment.
        directory: The run directory, with inference.keras (raw rows) or model.keras.
        class_names: The names of the classes, where the run recorded them.
        path: A .csv of raw rows, a .npy, or a .npz with x (else its only array; of several inputs, one of each name).
        scratch: Where callbacks write.

    Raises:
        DataError: The file is missing, or not what the model takes.
        RunDirError: The run has no model.
    """
    if not path.is_file():
        raise DataError(f"there is no file {path}", hint="give a .csv of raw rows, a .npy or a .npz")
    whole = directory.path / "inference.keras"
    model = _loaded_model(whole if whole.is_file() else _existing(directory.model))
    inputs = (
        _rows(model, path) if path.suffix.lower() == ".csv" else _array(path, [tensor.name for tensor in model.inputs])
    )
    callbacks = build.build_callbacks(loaded.experiment.callbacks, CallbackContext(scratch, _ignore, build.instantiate))
    if any(len(each) == 0 for each in (inputs.values() if isinstance(inputs, Mapping) else [inputs])):
        raise DataError(f"{path} holds no samples")
    try:
        values = model.predict(inputs, verbose=0, callbacks=callbacks)
    except (ValueError, TypeError) as error:
        raise DataError(f"{path} does not fit the model: {build.first_sentence(error)}") from error
    return Predictions(values, () if isinstance(values, Mapping) else _classes(values, class_names))


def _loaded_model(path: Path) -> Any:
    with _readable(path):
        return keras.saving.load_model(path)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (ValueError, OSError, KeyError, zipfile.BadZipFile) as error:
        raise RunDirError(
            f"{path} cannot be read: {build.first_sentence(error)}", hint="it is damaged, or of another model"
        ) from error


def _classes(values: Any, names: Sequence[str]) -> tuple[str, ...]:
    """The likeliest class of each sample, where the outputs are as many as the classes (or one, for two)."""
    flat = np.asarray(values).reshape(len(values), -1)
    if len(names) < 2 or flat.shape[1] not in {len(names), 1} or (flat.shape[1] == 1 and len(names) != 2):
        return ()
    return tuple(names[index] for index in _probabilities(flat).argmax(axis=1))


def _probabilities(flat: Any) -> Any:
    return np.concatenate([1 - flat, flat], axis=1) if flat.shape[1] == 1 else flat


def _array(path: Path, inputs: Sequence[str]) -> Any:
    """The only array of a file; for a model with several inputs, those of their names."""
    try:
        loaded = np.load(path, allow_pickle=False)
    except (ValueError, OSError) as error:
        raise DataError(f"cannot read {path}: {error}", hint="give a .csv of raw rows, a .npy or a .npz") from None
    several = len(inputs) > 1
    if isinstance(loaded, np.ndarray) and not several:
        return loaded
    names = [] if isinstance(loaded, np.ndarray) else loaded.files
    if several:
        if not set(inputs) <= set(names):
            raise DataError(
                f"{path} does not hold {one_of(inputs, 'and')}", hint="give a .npz with an array for each input"
            )
        return {name: loaded[name] for name in inputs}
    name = "x" if "x" in names else names[0] if len(names) == 1 else None
    if name is None:
        raise DataError(f"{path} holds {one_of(names, 'and')}; which are the inputs?", hint="call them x")
    return loaded[name]


def _rows(model: Any, path: Path) -> Any:
    """The columns of a CSV as the model's inputs: numbers with NaN for missing, text with "" for missing."""
    header = read_header(path)
    if len(model.inputs) == 1 and model.inputs[0].name not in header:
        return _matrix(path, header)
    columns = {column.replace("/", "_"): column for column in header}  # Keras takes no slash in a name
    absent = [tensor.name for tensor in model.inputs if tensor.name not in columns]
    if absent:
        close = nearest(absent[0], columns)
        raise DataError(
            f"{path} has no column {absent[0]!r}",
            hint=f"did you mean {close!r}?" if close else f"it has {one_of(header, 'and')}",
        )
    table = read_texts([path], tuple(columns[tensor.name] for tensor in model.inputs), ",", default_missing())
    return {tensor.name: _column(table, columns[tensor.name], tensor.dtype) for tensor in model.inputs}


def _column(table: Any, name: str, dtype: str) -> Any:
    texts = table.columns[name].to_pylist()
    if dtype == "string":
        import tensorflow as tf  # Keras hands text to a model as tensors only

        return tf.constant([[text or ""] for text in texts])
    kind = kind_of(table.columns[name], name)
    if kind in {ColumnKind.BOOLEAN, ColumnKind.DATE}:
        require(table.columns[name], name, kind, table.place, "or leave it empty")
        return values(table.columns[name], name, kind, table.place)[:, np.newaxis].astype(dtype)
    try:
        return np.array([[float("nan") if text is None else float(text)] for text in texts], dtype)
    except ValueError:
        row = next(index for index, text in enumerate(texts) if text is not None and not _is_number(text))
        raise DataError(f"{table.place(row)}: column {name!r}: {texts[row]!r} is not a number") from None


def _matrix(path: Path, header: Sequence[str]) -> Any:
    """A CSV of numbers alone as one array (rows, columns)."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        lines = list(csv.reader(file))[1:]
    for number, line in enumerate(lines, start=2):
        for name, cell in zip(header, line, strict=False):
            if not _is_number(cell):
                raise DataError(f"{path}:{number}: column {name!r}: {cell!r} is not a number")
    return np.array(lines, "float32")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise RunDirError(f"there is no {path.name} in {path.parent}", hint="the run did not come to its end")
    return path


def _ignore(_event: Event) -> None:
    """Nobody watches."""
