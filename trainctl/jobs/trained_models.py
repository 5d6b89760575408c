"""The modules that use a trained model, which import TensorFlow: seconds, which a wrong argument need not wait for."""

from __future__ import annotations

from types import ModuleType
from typing import NamedTuple


class TrainedModels(NamedTuple):
    """What evaluates, exports and predicts."""

    evaluation: ModuleType
    export: ModuleType
    new_parts: ModuleType
    prediction: ModuleType


def trained_models() -> TrainedModels:
    """Return the modules."""
    from trainctl.training import evaluation, export, new_parts, prediction  # TensorFlow

    return TrainedModels(evaluation, export, new_parts, prediction)
