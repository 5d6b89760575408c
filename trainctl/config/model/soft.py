"""Losses for soft labels: what MixUp and CutMix make of classes has no index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from trainctl.aliases import Value
from trainctl.config.component import KerasComponent, walk_components
from trainctl.config.experiment import Experiment
from trainctl.config.model.effects import EFFECTS, Effect
from trainctl.config.model.keras_names import canonical_name


def with_soft_losses(experiment: Experiment) -> Experiment:
    """Return the experiment with the loss for one-hot labels in place of the one for class indices, if layers mix samples."""
    names = [each.name for each in walk_components(experiment.data.augment)]
    if experiment.data.target == "inputs" or not any(EFFECTS.get(name) is Effect.MIXES for name in names):
        return experiment
    loss: Value = experiment.compile.loss
    soft = {name: _soft(each) for name, each in loss.items()} if isinstance(loss, Mapping) else _soft(loss)
    return experiment.model_copy(update={"compile": experiment.compile.model_copy(update={"loss": soft})})


def _soft(loss: Value) -> Value:
    if canonical_name(loss) != "SparseCategoricalCrossentropy" or loss.arguments.get("ignore_class") is not None:
        return loss
    arguments = {name: value for name, value in loss.arguments.items() if name != "ignore_class"}
    name = "categorical_crossentropy" if loss.is_identifier else "CategoricalCrossentropy"
    changed: KerasComponent = replace(loss, name=name, arguments=arguments)
    return changed
