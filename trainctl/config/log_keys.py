"""What the losses and metrics of an experiment are called, and what they are for: known without Keras."""

from __future__ import annotations

from typing import Any

from trainctl import catalog
from trainctl.config.experiment import KerasComponent

_CLASSIFICATION = frozenset({
    "BinaryCrossentropy", "BinaryFocalCrossentropy", "CategoricalCrossentropy", "CategoricalFocalCrossentropy",
    "CategoricalHinge", "SparseCategoricalCrossentropy",
})  # fmt: skip


def canonical_name(component: Any) -> str | None:
    """The CapWords name of a loss, metric or optimizer, also where its lower-case identifier is written."""
    if not isinstance(component, KerasComponent):
        return None
    return catalog.identifiers(component.kind).get(component.name, component.name)


def is_classification(loss: Any) -> bool:
    """Whether `loss` is one for labels that are classes."""
    return canonical_name(loss) in _CLASSIFICATION
