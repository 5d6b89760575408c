"""An experiment that is ready to fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from trainctl.aliases import Array
from trainctl.backend import keras
from trainctl.config.component import KerasComponent
from trainctl.config.experiment import Experiment
from trainctl.config.model.fits import Output
from trainctl.config.model.keras_names import canonical_name
from trainctl.config.model.metric_fits import gives_logits
from trainctl.config.model.outputs import losses
from trainctl.data.prepare import Prepared


@dataclass(frozen=True, slots=True)
class Whole:
    """What all stages of a training share; one without stages is a single stage.

    Args:
        experiment: The experiment, the data's facts filled in.
        data: Its data.
        model: The model.
        trained: Whether each of its layers is trained before any is frozen, a model before the layers in it.
        told: What was said of it, which is said once.
    """

    experiment: Experiment
    data: Prepared
    model: keras.Model
    trained: Mapping[keras.Layer, bool] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Built:
    """A stage of an experiment ready to fit.

    Args:
        experiment: The experiment as the stage trains it, the data's facts filled in.
        data: Its data.
        model: The compiled model.
        class_weights: The weight of each class, float32 (classes,); `None` where all count the same.
        outputs: What each output of the model gives, "" the only one; none of a model of the user's own class.
        whole: What it is a stage of.
    """

    experiment: Experiment
    data: Prepared
    model: keras.Model
    class_weights: Array | None
    outputs: Mapping[str, Output]
    whole: Whole

    def gives_logits(self, output: str) -> bool:
        """Return whether an output ("" is the only one) is what a sigmoid or a softmax would make a probability of."""
        loss = losses(self.experiment).get(output)
        arguments = loss.arguments if isinstance(loss, KerasComponent) else {}
        return gives_logits(canonical_name(loss), arguments, self.outputs[output])
