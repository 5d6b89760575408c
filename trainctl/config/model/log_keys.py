"""What an experiment logs: the names of its loss and metrics, and which way each is better. Known without Keras."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trainctl.components.spec import CallbackSpec
from trainctl.config.experiment import Experiment
from trainctl.config.model.keras_names import canonical_name
from trainctl.config.model.needs import loss_need, metric_need
from trainctl.config.model.outputs import measured, output_names, training_keys


def is_classification(loss: Any) -> bool:
    """Return whether `loss` is one for labels that are classes."""
    return loss_need(canonical_name(loss)).is_of_classes


_WORDS = {"accuracy": "Accuracy", "acc": "Accuracy", "crossentropy": "BinaryCrossentropy", "ce": "BinaryCrossentropy"}
"""For each word that stands for several metrics, one that is better the same way."""


def direction(experiment: Experiment, key: str) -> str | None:
    """Return whether lower (`min`) or higher (`max`) is better for a logged key; `None` if Keras cannot tell either."""
    name = key.removeprefix("val_").partition("/")[0]
    if name == "loss" or (name.endswith("_loss") and name in training_keys(experiment)):
        return "min"
    for each in measured(experiment):
        if each.key == name:
            canonical = canonical_name(each.metric) or ""
            return metric_need(_WORDS.get(canonical, canonical)).better
    return None


def directions(experiment: Experiment) -> dict[str, str]:
    """Return which way (`min`, `max`) each key of training is better; those of which no one can tell are left out."""
    ways = {key: direction(experiment, key) for key in training_keys(experiment)}
    return {key: way for key, way in ways.items() if way is not None}


def directed(experiment: Experiment) -> tuple[CallbackSpec, ...]:
    """Return the callbacks, each `mode: auto` made min or max where Keras cannot tell.

    It knows neither the metrics of several outputs nor those of one class, such as `f1_score/cat`.
    """
    several = bool(output_names(experiment))
    return tuple(
        _directed(experiment, callback) if several or any("/" in key for _, key in callback.monitored()) else callback
        for callback in experiment.callbacks
    )


def _directed(experiment: Experiment, callback: CallbackSpec) -> CallbackSpec:
    key = next((key for _, key in callback.monitored()), "")
    mode = direction(experiment, key)
    return (
        callback.model_copy(update={"mode": mode}) if mode and getattr(callback, "mode", None) == "auto" else callback
    )


def has_validation(experiment: Experiment) -> bool:
    """Return whether there will be `val_…` metrics."""
    data = experiment.data
    return data.validation_split is not None or data.validation is not None or data.source.brings_validation


def epoch_keys(experiment: Experiment) -> tuple[str, ...]:
    """Return every key in the logs at the end of an epoch, `loss` first."""
    training = training_keys(experiment)
    validation = [f"val_{key}" for key in training] if has_validation(experiment) else []
    added = [key for callback in experiment.callbacks for key in callback.adds()]
    return tuple(dict.fromkeys([*training, *validation, "learning_rate", *added]))


SECONDS_PER_EPOCH = "seconds_per_epoch"
"""The key by which an expectation names the time of an epoch, the first one left out."""


def final_keys(experiment: Experiment) -> Iterator[str]:
    """Yield every key that an expectation can name: an epoch's, those of the test, and the time of an epoch."""
    keys = epoch_keys(experiment)
    yield from keys
    yield from (f"test_{key}" for key in keys if not key.startswith("val_") and key != "learning_rate")
    yield SECONDS_PER_EPOCH
