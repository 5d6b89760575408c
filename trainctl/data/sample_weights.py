"""Sample weights, shaped to count for every place of a sample: each pixel of a mask, each step of a sequence.

Keras multiplies losses (b, h, w) by weights (b,) as if these were one for each column.
"""

from __future__ import annotations

from collections.abc import Mapping

from trainctl.aliases import Tensors
from trainctl.backend import tf
from trainctl.components.labels import Labels, OutputLabels


def spread(weight: Tensors, y: Tensors, labels: Labels | None) -> Tensors:
    """Return the weights of a batch for its losses, by output where those of several differ in rank.

    Args:
        weight: The weight of each sample, (b,).
        y: What is learned, (b, …), or a mapping of outputs to such.
        labels: What the labels are; `None` where the inputs are learned.

    Returns:
        Weights (b,) or (b, 1, …), of the rank of the losses.
    """
    if not isinstance(y, Mapping):
        return _shaped(weight, _rank(y, labels.only if labels is not None else None))
    ranks = {name: _rank(each, labels.outputs.get(name) if labels is not None else None) for name, each in y.items()}
    if max(ranks.values()) == 1:
        return weight
    return {name: _shaped(weight, rank) for name, rank in ranks.items()}


def _rank(y: tf.Tensor, labels: OutputLabels | None) -> int:
    """The rank of the losses: an index has one, and so have all values of a label together."""
    if labels is not None and labels.are_classes:
        return 1 + len(labels.shape)
    return max(len(y.shape) - 1, 1)


def _shaped(weight: tf.Tensor, rank: int) -> tf.Tensor:
    return tf.reshape(weight, [-1] + [1] * (rank - 1)) if rank > 1 else weight
