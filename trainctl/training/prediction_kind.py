"""What the predictions of an output are, so that they can be compared with its labels."""

from __future__ import annotations

from trainctl.components.labels import LabelKind
from trainctl.config.model.fits import one_each, several_each
from trainctl.training.built import Built


def prediction_kind(built: Built, name: str) -> str | None:
    """Return what an output's predictions are: `classes`, `places` of classes, `several` classes, or `numbers`.

    Args:
        built: The experiment.
        name: The output; "" is the only one.

    Returns:
        The kind; `None` where nothing is known of the labels, or the predictions are of no such kind.
    """
    labels, output = built.data.labels.outputs.get(name), built.outputs[name]
    if labels is None:
        return None
    is_hot = labels.kind is LabelKind.ONE_HOT and output.units != 1 and len(labels.shape) == 1
    if several_each(labels, output) or is_hot:
        return "places" if len(output.shape) > 1 else "classes"
    if labels.are_binary and labels.kind is not LabelKind.NUMBER and one_each(labels, output):
        if labels.kind is LabelKind.MULTI_HOT and len(labels.shape) == 1:
            return "several"
        return "places" if len(labels.shape) > 0 and labels.are_classes else "classes" if output.units == 1 else None
    return "numbers" if labels.kind is LabelKind.NUMBER and one_each(labels, output) else None
