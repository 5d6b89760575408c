"""What an experiment logs: the names of its loss and metrics, and which way each is better. Known without Keras."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from trainctl import catalog
from trainctl.config.experiment import Experiment, KerasComponent

_CLASSIFICATION = frozenset({
    "BinaryCrossentropy", "BinaryFocalCrossentropy", "CategoricalCrossentropy", "CategoricalFocalCrossentropy",
    "CategoricalHinge", "SparseCategoricalCrossentropy",
})  # fmt: skip


def canonical_name(component: Any) -> str | None:
    """The CapWords name of a loss, metric or optimizer, also where its lower-case identifier is written."""
    if not isinstance(component, KerasComponent):
        return None
    return catalog.stands_for(component.kind, component.name) or component.name


def is_classification(loss: Any) -> bool:
    """Whether `loss` is one for labels that are classes."""
    return canonical_name(loss) in _CLASSIFICATION


def metric_name(metric: KerasComponent) -> str:
    """The key under which a metric is logged: its own `name`, else the word that is written, else Keras's default name."""
    if metric.arguments.get("name"):
        return str(metric.arguments["name"])
    if metric.is_identifier:
        return metric.name
    entry = catalog.find("metric", metric.name)
    parameter = entry.parameter("name") if entry else None
    default = parameter.default if parameter else None
    return default if isinstance(default, str) else catalog.snake_case(metric.name)


_HIGHER = re.compile(
    r"AUC|.*Accuracy|.*IoU|Precision.*|Recall.*|SensitivityAtSpecificity|SpecificityAtSensitivity|F1Score|FBetaScore|R2Score"
    r"|CosineSimilarity|PearsonCorrelation|ConcordanceCorrelation|accuracy|acc"
)
_LOWER = re.compile(r".*Error|.*Crossentropy|.*Hinge|KLDivergence|LogCosh.*|Poisson|crossentropy|ce")


def direction(experiment: Experiment, key: str) -> str | None:
    """Whether lower (`min`) or higher (`max`) is better for a logged key; `None` where Keras cannot tell either."""
    name = key.removeprefix("val_")
    if name == "loss":
        return "min"
    for metric in experiment.compile.metrics:
        if isinstance(metric, KerasComponent) and metric_name(metric) == name:
            canonical = canonical_name(metric) or ""
            return "max" if _HIGHER.fullmatch(canonical) else "min" if _LOWER.fullmatch(canonical) else None
    return None


def has_validation(experiment: Experiment) -> bool:
    """Whether there will be `val_…` metrics."""
    return experiment.data.validation_split is not None


def epoch_keys(experiment: Experiment) -> tuple[str, ...]:
    """Every key in the logs at the end of an epoch, `loss` first."""
    metrics = [metric_name(metric) for metric in experiment.compile.metrics if isinstance(metric, KerasComponent)]
    training = list(dict.fromkeys(["loss", *metrics]))
    validation = [f"val_{key}" for key in training] if has_validation(experiment) else []
    added = [key for callback in experiment.callbacks for key in callback.adds()]
    return tuple(dict.fromkeys([*training, *validation, "learning_rate", *added]))


def final_keys(experiment: Experiment) -> Iterator[str]:
    """Every key that an expectation can name: an epoch's, and those of the test."""
    keys = epoch_keys(experiment)
    yield from keys
    yield from (f"test_{key}" for key in keys if not key.startswith("val_") and key != "learning_rate")
