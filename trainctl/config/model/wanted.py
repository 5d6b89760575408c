"""What an experiment says of its labels: by its losses, by what they ignore, and by hand. Known without Keras."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trainctl.components.labels import LabelKind, Wanted
from trainctl.config.component import KerasComponent
from trainctl.config.experiment import Experiment
from trainctl.config.model.keras_names import canonical_name
from trainctl.config.model.outputs import losses, measured


def wanted_labels(experiment: Experiment) -> Mapping[str, Wanted]:
    """Return what the labels of each output must be; "" is the only output.

    Nothing is known of those of an autoencoder, whose loss is not about the labels.
    """
    if experiment.data.target == "inputs":
        return {}
    by_hand = experiment.data.labels
    kind = None if by_hand == "auto" else LabelKind(by_hand)
    return {
        output: Wanted(canonical_name(loss), kind, next(_ignored(experiment, output, loss), None))
        for output, loss in losses(experiment).items()
    }


def _ignored(experiment: Experiment, output: str, loss: Any) -> Iterator[int]:
    """Yield the class indices that the loss or a metric of the output ignores, the loss's first."""
    components = [loss, *(each.metric for each in measured(experiment) if each.output == output)]
    for component in components:
        ignored = component.arguments.get("ignore_class") if isinstance(component, KerasComponent) else None
        if isinstance(ignored, int):
            yield ignored
