"""An experiment that is ready to fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from trainctl.aliases import Array
from trainctl.backend import keras
from trainctl.config.experiment import Experiment
from trainctl.config.model.fits import Output
from trainctl.data.prepare import Prepared


@dataclass(frozen=True, slots=True)
class Built:
    """An experiment ready to fit.

    Args:
        experiment: The experiment, the data's facts filled in.
        data: Its data.
        model: The compiled model.
        class_weights: The weight of each class, float32 (classes,); `None` where all count the same.
        outputs: What each output of the model gives, "" the only one; none of a model of the user's own class.
    """

    experiment: Experiment
    data: Prepared
    model: keras.Model
    class_weights: Array | None = None
    outputs: Mapping[str, Output] = field(default_factory=dict)
