"""An experiment that is ready to fit."""

from __future__ import annotations

from dataclasses import dataclass

from trainctl.backend import keras
from trainctl.config.experiment import Experiment
from trainctl.data.prepare import Prepared


@dataclass(frozen=True, slots=True)
class Built:
    """An experiment ready to fit: data, the experiment with the data's facts filled in, and the compiled model."""

    experiment: Experiment
    data: Prepared
    model: keras.Model
