"""Using what was trained: evaluate a run's model on its data, predict for new inputs."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from trainctl.components.context import CallbackContext
from trainctl.config.experiment import Experiment, KerasComponent
from trainctl.config.load import Loaded
from trainctl.config.outputs import only_loss
from trainctl.errors import DataError, RunDirError
from trainctl.events import Event
from trainctl.runs.directory import RunDirectory
from trainctl.runtime import build
from trainctl.runtime.raw import inputs_of
from trainctl.runtime.train import prepare
from trainctl.words import one_of


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a model says of some inputs.

    Args:
        values: The model's output, (samples, …); of several outputs, a mapping of their names to such.
        classes: The name of the likeliest class of each sample; empty where the output is no class.
        probabilities: The probability of that class, (samples,); empty likewise.
    """

    values: Any
    classes: tuple[str, ...] = ()
    probabilities: tuple[float, ...] = ()

    def rows(self) -> Iterator[tuple[str | float, ...]]:
        """A head and a row for each sample: the class and its probability, or the output; numbers to six digits."""
        if self.classes:
            yield ("prediction", "probability")
            yield from zip(self.classes, map(_six_digits, self.probabilities), strict=True)
            return
        several = self.values if isinstance(self.values, Mapping) else {"": self.values}
        flat = {name: np.asarray(each).reshape(len(each), -1) for name, each in several.items()}
        yield tuple(
            _head(name, number, each.shape[1]) for name, each in flat.items() for number in range(each.shape[1])
        )
        yield from (tuple(map(_six_digits, row)) for row in np.concatenate([*flat.values()], axis=1).tolist())


def _head(output: str, number: int, count: int) -> str:
    """What to call a number of an output; "" is the only output."""
    if count == 1:
        return output or "prediction"
    return f"{output or 'output'}_{number}"


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
    loaded: Loaded, directory: RunDirectory, recorded: Mapping[str, Any], path: Path, scratch: Path
) -> Predictions:
    """What the run's model says of the inputs in `path`; the experiment's callbacks are called.

    Args:
        loaded: The run's experiment.
        directory: The run directory, with inference.keras (raw rows) or model.keras.
        recorded: What run.json tells of the data: `class_names`, and `details` with the kinds of the columns.
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
    inputs = inputs_of(model, path, loaded.experiment.data.source, recorded)
    callbacks = build.build_callbacks(loaded.experiment.callbacks, CallbackContext(scratch, _ignore, build.instantiate))
    try:
        values = model.predict(inputs, verbose=0, callbacks=callbacks)
    except (ValueError, TypeError) as error:
        raise DataError(f"{path} does not fit the model: {build.first_sentence(error)}") from error
    return understood(values, recorded.get("class_names") or (), logits=_gives_logits(loaded.experiment))


def understood(values: Any, names: Sequence[str], *, logits: bool) -> Predictions:
    """The model's output with the likeliest class of each sample.

    Where the outputs are as many as the classes, or one for two classes; else the output alone.

    Args:
        values: The model's output.
        names: The names of the classes, where the run recorded them.
        logits: Whether the output is logits rather than probabilities.
    """
    if isinstance(values, Mapping):
        return Predictions(values)
    flat = np.asarray(values).reshape(len(values), -1)
    count = flat.shape[1]
    if len(names) < 2 or count not in {len(names), 1} or (count == 1 and len(names) != 2):
        return Predictions(values)
    each = _probabilities(flat, logits=logits)
    return Predictions(values, tuple(names[index] for index in each.argmax(axis=1)), tuple(each.max(axis=1).tolist()))


def _probabilities(flat: Any, *, logits: bool) -> Any:
    """The probability of each class, (samples, classes)."""
    if flat.shape[1] > 1:
        return np.asarray(keras.ops.softmax(flat)) if logits else flat
    second = np.asarray(keras.ops.sigmoid(flat)) if logits else flat
    return np.concatenate([1 - second, second], axis=1)


def _gives_logits(experiment: Experiment) -> bool:
    """Whether the loss of the only output reads logits."""
    loss = only_loss(experiment)
    return isinstance(loss, KerasComponent) and loss.arguments.get("from_logits") is True


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


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise RunDirError(f"there is no {path.name} in {path.parent}", hint="the run did not come to its end")
    return path


def _ignore(_event: Event) -> None:
    """Nobody watches."""
