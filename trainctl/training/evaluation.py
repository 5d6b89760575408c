"""Evaluate a run's model on one split of its data, or on other data of the same form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from trainctl.aliases import Array, Value
from trainctl.backend import keras
from trainctl.components.callbacks.shared.logs_keras import measured
from trainctl.components.context import CallbackContext
from trainctl.components.dataset import Samples
from trainctl.components.labels import OutputLabels
from trainctl.components.spec import SourceSpec
from trainctl.config.load import Loaded
from trainctl.data import quality
from trainctl.data.baseline import measure_baseline
from trainctl.data.prepare import Evaluated
from trainctl.data.rows import numbers_of, row_of
from trainctl.errors import DataError
from trainctl.events import Baseline, ignore
from trainctl.models import build
from trainctl.models.own import has_own_methods, require_losses
from trainctl.models.undo import undone
from trainctl.runs.layout import RunDirectory
from trainctl.runs.outputs import OutputGuard
from trainctl.text import one_of
from trainctl.training import state
from trainctl.training.baseline import with_boosting
from trainctl.training.built import Built
from trainctl.training.gradient_boosting import boost, reason_against
from trainctl.training.importance import can_be_shuffled, permutation_importance
from trainctl.training.model_file import existing, readable
from trainctl.training.prediction_kind import prediction_kind
from trainctl.training.train import prepare

PREFIXES = {"train": "", "validation": "val_", "test": "test_"}
"""What the keys of the metrics of each split begin with."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be evaluated.

    Args:
        split: train, validation or test; `None` takes test where there is one, else validation, else train.
        source: Data to evaluate on in place of a split; `None` for the run's own.
        model_file: The model, or its weights.
        importance: Whether to shuffle each column of a table, to see how much the model depends on it; `None` does so where
            that is possible.
        boosting: Whether gradient boosting, trained on the training split, is a baseline too, where it is for such data.
    """

    split: str | None
    source: SourceSpec | None
    model_file: Path
    importance: bool | None = False
    boosting: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What an evaluation found.

    Args:
        split: The split.
        samples: How many samples it has.
        metrics: Those of the experiment, by the keys of its logs without a prefix.
        data_changed: Whether the data is not what the run was trained on.
        quality: What `data/quality.py` says of the predictions, for machines; of several outputs, by output.
        baseline: What constants come to, by the keys of the logs without a prefix.
        images: The inputs of the worst mistakes, where these are images, (n, height, width, channels).
    """

    split: str
    samples: int
    metrics: Mapping[str, float]
    data_changed: bool
    quality: Mapping[str, Value]
    baseline: Baseline
    images: Array | None = field(default=None, compare=False)


def evaluate(
    loaded: Loaded, directory: RunDirectory, seed: int, asked: Asked, scratch: Path, known_data: str | None = None
) -> Found:
    """Evaluate the run's model; the experiment's callbacks are called.

    Args:
        loaded: The run's experiment.
        directory: The run directory.
        seed: The run's seed, which decides the splits.
        asked: What is to be evaluated.
        scratch: Where callbacks write.
        known_data: The fingerprint of the data that the run was trained on.

    Raises:
        BuildError: It is a model of the user's own that cannot be evaluated.
        DataError: The data is gone, or has no such split.
        RunDirError: The run has no model.
    """
    model_file = existing(asked.model_file)
    built = prepare(loaded, seed, ignore, Evaluated(asked.source), stage=-1)
    require_losses(built.model, built.experiment, is_validated=True)
    changed = known_data not in {None, "", built.data.fingerprint}
    state.build_optimizer(built.model)  # the file holds its state too
    with readable(model_file, "the data has changed since the run, and so has the model" if changed else None):
        built.model.load_weights(model_file)
    name, samples = _chosen(built, asked)
    claim = OutputGuard.of(loaded, directory).claim
    context = CallbackContext(scratch, ignore, build.instantiate, claim=claim)
    callbacks = build.build_callbacks(built.experiment.callbacks, context)
    with built.data.reading():
        results = built.model.evaluate(built.data.evaluation(samples), callbacks=callbacks, verbose=0, return_dict=True)
        found, worst = _quality(built, samples)
        if asked.importance or (asked.importance is None and can_be_shuffled(built, samples)):
            found = {**found, "importance": permutation_importance(built, samples, seed)}
        beside = {} if changed else _baseline(built, name, samples, seed, boosting=asked.boosting)
    metrics = dict(sorted(measured(results, built.data.class_names or ()).items()))
    beside = {key: kinds for key, kinds in beside.items() if key in metrics}
    return Found(name, len(samples), metrics, changed, found, beside, _images(samples, worst))


def _baseline(built: Built, name: str, samples: Samples, seed: int, *, boosting: bool) -> Baseline:
    """Return what the metrics of these samples come to without the model: by constants, and by gradient boosting if wanted."""
    prefix = PREFIXES[name]
    every = measure_baseline(built.experiment, built.data, built.outputs)
    found: Baseline = {key.removeprefix(prefix): kinds for key, kinds in every.items() if key.startswith(prefix)}
    if boosting and name != "train" and reason_against(built) is None:
        found = with_boosting(found, boost(built, {"": (samples, None)}, seed).metrics)
    return found


def _chosen(built: Built, asked: Asked) -> tuple[str, Samples]:
    """Return the split to evaluate on, and its name.

    Raises:
        DataError: There is no such split.
    """
    splits = built.data.splits
    found = {name: part for name in ("test", "validation", "train") if (part := getattr(splits, name)) is not None}
    name = "test" if asked.source is not None else asked.split or next(iter(found))
    if name not in found:
        raise DataError(f"the data has no {name} split", hint=f"it has {one_of(found, 'and')}")
    return name, found[name]


def _quality(built: Built, samples: Samples) -> tuple[dict[str, Value], Sequence[int]]:
    """Return how good the predictions are, and the indices of the worst of them; nothing of what is not known."""
    if built.experiment.data.target == "inputs" or has_own_methods(built.model):
        return {}, ()
    kinds = {name: kind for name in built.outputs if (kind := prediction_kind(built, name)) is not None}
    if not kinds:
        return {}, ()
    gathered = {name: _Gathered(built, name, kind) for name, kind in kinds.items()}
    for x, y, *_ in built.data.evaluation(samples):
        values = built.model.predict_on_batch(x)
        for name, each in gathered.items():
            each.add(np.asarray(y[name] if name else y), np.asarray(values[name] if name else values))
    told = {name: each.told(samples) for name, each in gathered.items()}
    if "" in told:
        return told[""], gathered[""].worst()
    return {"outputs": told}, ()


class _Gathered:
    """Labels and predictions of one output, gathered batch by batch; of places, only how often each was taken for which.

    Args:
        built: The experiment.
        name: The output; "" is the only one.
        kind: What the predictions are, as `prediction_kind` says.
    """

    def __init__(self, built: Built, name: str, kind: str) -> None:
        self.kind = kind
        self.labels: OutputLabels = built.data.labels.outputs[name]
        output = built.outputs[name]
        units = output.units or self.labels.classes or 1
        self.names = quality.class_names(self.labels.names, max(2, units) if kind != "numbers" else 0)
        self.is_logit = built.gives_logits(name)
        self.counts = np.zeros((len(self.names), len(self.names)), np.int64)
        self.y: list[Array] = []
        self.p: list[Array] = []

    def add(self, y: Array, values: Array) -> None:
        """Add the labels and the model's output of a batch."""
        if self.kind == "numbers":
            y, values = (np.asarray(undone(each, self.labels.undo)) for each in (y, values))
            self._keep(y, values.reshape(y.shape))
            return
        if self.kind == "several":
            self._keep(y, np.asarray(keras.ops.sigmoid(values)) if self.is_logit else values)
            return
        if y.ndim == values.ndim and values.shape[-1] > 1:  # one-hot
            y = y.argmax(axis=-1)
        p = self._probabilities(values)
        y = y.reshape(p.shape[:-1]).astype(np.int64)
        if self.kind == "places":
            keep = y != self.labels.ignored if self.labels.ignored is not None else np.ones(y.shape, bool)
            self.counts += quality.confusion(y[keep], p.argmax(axis=-1)[keep], len(self.names))
        else:
            self._keep(y, p)

    def _keep(self, y: Array, p: Array) -> None:
        self.y.append(y)
        self.p.append(p)

    def _probabilities(self, values: Array) -> Array:
        """The probability of each class, (…, classes)."""
        if values.shape[-1] > 1 and values.shape[-1] == len(self.names):
            return np.asarray(keras.ops.softmax(values)) if self.is_logit else values
        second = np.asarray(keras.ops.sigmoid(values)) if self.is_logit else values
        second = second if second.shape[-1:] == (1,) else second[..., np.newaxis]
        return np.concatenate([1 - second, second], axis=-1)

    def told(self, samples: Samples) -> dict[str, Value]:
        """Return how good the predictions are, with the worst mistakes."""
        if self.kind == "places":
            return quality.of_confusion(self.counts, self.names, overlap=True)
        y, p = np.concatenate(self.y), np.concatenate(self.p)
        if not np.isfinite(p).all():
            return {"not_finite": int((~np.isfinite(p.reshape(len(p), -1)).all(axis=1)).sum())}
        if self.kind == "several":
            return quality.of_several_classes(y, p, self.names)
        found = quality.of_classes(y, p, self.names) if self.kind == "classes" else quality.of_numbers(y, p)
        return {**found, "mistakes": list(self._mistakes(samples))}

    def worst(self) -> Sequence[int]:
        """Return the indices of the samples with the worst predictions."""
        if self.kind not in {"classes", "numbers"}:
            return ()
        y, p = np.concatenate(self.y), np.concatenate(self.p)
        if not np.isfinite(p).all():
            return ()
        chosen = quality.worst_classes(y, p) if self.kind == "classes" else quality.worst_numbers(y, p)
        return [int(index) for index in chosen]

    def _mistakes(self, samples: Samples) -> Iterator[dict[str, Value]]:
        y, p, numbers = np.concatenate(self.y), np.concatenate(self.p), numbers_of(samples)
        for index in self.worst():
            said: dict[str, Value]
            if self.kind == "classes":
                best = int(p[index].argmax())
                said = {
                    "label": self._named(y[index]),
                    "prediction": self.names[best],
                    "probability": float(p[index, best]),
                }
            else:
                said = {"label": y[index].tolist(), "prediction": p[index].tolist()}
            yield {"row": int(numbers[index]), **said, "values": row_of(samples, index)}

    def _named(self, index: int) -> str:
        return self.names[int(index)] if 0 <= int(index) < len(self.names) else str(index)


def _images(samples: Samples, worst: Sequence[int]) -> Array | None:
    """Return the inputs of some samples where they are images; `None` of anything else."""
    x = samples.x
    if isinstance(x, Mapping) or not len(worst) or len(x.shape) != 4 or x.shape[-1] not in {1, 3, 4}:
        return None
    return np.asarray(x[np.asarray(worst, np.int64)])
