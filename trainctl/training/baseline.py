"""What a run says of its baseline: before training what others come to, after it whether the model is any better."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from trainctl.aliases import Value
from trainctl.config.component import KerasComponent
from trainctl.config.experiment import GRADIENT_BOOSTING
from trainctl.config.model.keras_names import canonical_name
from trainctl.config.model.log_keys import direction
from trainctl.config.model.outputs import only_loss
from trainctl.data.baseline import best_baseline, held_out_splits, measure_baseline
from trainctl.data.baseline_metrics import LAST, MAJORITY, MEAN
from trainctl.events import Baseline, BaselineMeasured, Notice, Phase, PhaseStarted, Sink
from trainctl.runs.expected import require_baselines
from trainctl.text import format_number
from trainctl.training.built import Built
from trainctl.training.gradient_boosting import Boosted, boost, reason_against

_NEAR = 0.01  # of the logarithm of the number of classes: what a loss differs from it by chance
_SAME = 1e-3  # of a baseline: a model that is better by less has not learned


def told_baseline(built: Built, emit: Sink, *, boosting: bool, seed: int) -> Baseline:
    """Return what constants come to, and report it.

    Args:
        built: The experiment.
        emit: Where events go.
        boosting: Whether gradient boosting is to be trained besides.
        seed: The run's seed.

    Raises:
        ConfigError: The experiment expects more than a baseline that does not exist.
    """
    with built.data.reading():
        baseline = measure_baseline(built.experiment, built.data, built.outputs)
        boosted = _boosted(built, emit, seed) if boosting else None
    models: Mapping[str, Mapping[str, Value]] = {}
    if boosted is not None:
        baseline, models = with_boosting(baseline, boosted.metrics), {GRADIENT_BOOSTING: boosted.facts}
    emit(BaselineMeasured(baseline=baseline, majority=_majority(built), models=models))
    require_baselines(built.experiment, baseline)
    return baseline


def with_boosting(baseline: Baseline, metrics: Mapping[str, float]) -> Baseline:
    """Return the baseline with what gradient boosting came to beside the constants."""
    boosted = {key: {**baseline.get(key, {}), GRADIENT_BOOSTING: value} for key, value in metrics.items()}
    return {**baseline, **boosted}


def _boosted(built: Built, emit: Sink, seed: int) -> Boosted | None:
    splits = held_out_splits(built.experiment, built.data)
    reason = reason_against(built) if splits else "there is no validation or test split to measure it on"
    if reason is not None:
        emit(Notice(message=f"no gradient boosting as a baseline: {reason}", loud=True))
        return None
    emit(PhaseStarted(phase=Phase.BOOSTING))
    return boost(built, splits, seed)


def tell_no_better(built: Built, baseline: Baseline, metrics: Mapping[str, float], emit: Sink) -> None:
    """Warn of a model that beats a constant in no metric, or whose loss says that it tells no class apart.

    Args:
        built: What was trained.
        baseline: What constants come to.
        metrics: Those of the weights that are kept.
        emit: Where the warning goes.
    """
    every = list(_compared(built, baseline, metrics))
    compared = [each for each in every if not each.key.endswith("loss")] or every
    if compared and any(each.is_better for each in compared):
        _tell_boosting_is_better(built, baseline, metrics, emit)
    if not compared or any(each.is_better for each in compared):
        return
    first = compared[0]
    message = f"the model does not beat {_always(first.kind, _majority(built))}"
    message += f": {first.key} is {format_number(first.value)}, baseline {format_number(first.constant)}"
    emit(Notice(message=_alike(built, metrics) or message, loud=True))


def _tell_boosting_is_better(built: Built, baseline: Baseline, metrics: Mapping[str, float], emit: Sink) -> None:
    """Say so where gradient boosting did better in each metric but the loss."""
    every = list(_compared(built, baseline, metrics, boosting=True))
    compared = [each for each in every if not each.key.endswith("loss")] or every
    if compared and not any(each.is_better for each in compared):
        first = compared[0]
        values = f"{first.key} is {format_number(first.value)}, gradient boosting {format_number(first.constant)}"
        emit(Notice(message=f"the model does not beat gradient boosting: {values}"))


class _Compared(NamedTuple):
    """A metric beside the constant that does best in it."""

    key: str
    kind: str
    value: float
    constant: float
    is_better: bool


def _always(kind: str, majority: str | None) -> str:
    if kind == MAJORITY and majority:
        return f"always predicting '{majority}'"
    return "repeating the last value" if kind == LAST else f"always predicting the {_NOUNS.get(kind, kind)}"


_NOUNS = {MAJORITY: "majority class", MEAN: "mean"}


def _compared(
    built: Built, baseline: Baseline, metrics: Mapping[str, float], *, boosting: bool = False
) -> Iterator[_Compared]:
    """Yield each metric that has a baseline and a direction; with `boosting`, beside gradient boosting alone."""
    for key, every in baseline.items():
        kinds = {kind: value for kind, value in every.items() if (kind == GRADIENT_BOOSTING) == boosting}
        way = direction(built.experiment, key.removeprefix("test_"))
        value = metrics.get(key)
        if way is None or value is None or not kinds:
            continue
        constant = best_baseline(kinds, higher=way == "max")
        kind = next(name for name, each in kinds.items() if each == constant)
        gain = (value - constant) if way == "max" else (constant - value)
        yield _Compared(key, kind, value, constant, is_better=gain > _SAME * max(abs(constant), 1e-9))


def _alike(built: Built, metrics: Mapping[str, float]) -> str | None:
    """Return what to say of a crossentropy that is the logarithm of the number of classes; `None` of any other loss."""
    loss, labels = only_loss(built.experiment), built.data.labels.only
    classes = None if labels is None else labels.classes
    is_plain = isinstance(loss, KerasComponent) and not loss.arguments.keys() - {"from_logits"}
    if not classes or classes < 2 or not is_plain or not str(canonical_name(loss)).endswith("Crossentropy"):
        return None
    key = next((key for key in ("test_loss", "val_loss", "loss") if key in metrics), "loss")
    value = metrics.get(key, math.nan)
    if abs(value - math.log(classes)) > _NEAR * math.log(classes):
        return None
    return (
        f"the model predicts nothing: {key} is {format_number(value)}, which is ln {classes}, as for a model that gives each "
        f"of the {classes} classes the same probability"
    )


def _majority(built: Built) -> str | None:
    """Return the name of the class that occurs most in training, of the only output."""
    labels, profile = built.data.labels.only, built.data.label_profiles.get("")
    if labels is None or profile is None or not profile.counts or not labels.are_classes:
        return None
    counts = {index: count for index, count in profile.counts.items() if index != labels.ignored}
    index = max(sorted(counts), key=counts.__getitem__, default=None)
    return None if index is None else labels.names[index] if index < len(labels.names) else str(index)
