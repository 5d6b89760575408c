"""How TensorFlow runs an experiment, and how the run survives: the section `execution`."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from trainctl.components.fields import ArgumentError, Boolean, Integer, Number
from trainctl.components.spec import Spec

Positive = Annotated[Integer, Field(ge=1)]


class SnapshotSection(Spec):
    """When to save the state that a run resumes from; it is always saved when a signal ends the run, and at its end."""

    every_epochs: Annotated[
        Annotated[Integer, Field(ge=0)] | None,
        Field(
            description="Epochs between two snapshots; 0 = only when a signal ends the run; 1 if nothing is set.",
            json_schema_extra={"default": None},
        ),
    ] = None
    every_steps: Annotated[Positive | None, Field(description="Optimizer steps between two snapshots.")] = None
    every_minutes: Annotated[
        Annotated[Number, Field(gt=0)] | None, Field(description="Minutes between two snapshots.")
    ] = None
    keep: Annotated[
        Positive,
        Field(
            description="Snapshots to keep, beside that of each stage's end; if one is damaged, the one before it is used."
        ),
    ] = 2

    @model_validator(mode="after")
    def _require_one_interval(self) -> Self:
        given = [name for name in ("every_epochs", "every_steps", "every_minutes") if getattr(self, name) is not None]
        if len(given) > 1:
            message = "set only one of every_steps, every_epochs, every_minutes"
            raise ArgumentError("two-rhythms", message, field=given[1], hint=f"remove {given[1]}")
        return self

    @property
    def epochs_between(self) -> int | None:
        """Epochs between two snapshots; `None` where something else is set, 0 for none."""
        nothing_else = self.every_steps is None and self.every_minutes is None
        return 1 if self.every_epochs is None and nothing_else else self.every_epochs

    @property
    def is_on(self) -> bool:
        """Whether snapshots are taken without being asked for."""
        return self.epochs_between != 0


class RecoverSection(Spec):
    """Return to the last snapshot when training diverges, and try again with a smaller learning rate."""

    on: Annotated[
        Literal["nan"] | None,
        Field(description="When to recover: nan = the loss is NaN or infinite; null = never, the run fails."),
    ] = None
    retries: Annotated[Positive, Field(description="Attempts before the run fails.")] = 2
    learning_rate_factor: Annotated[
        Number, Field(gt=0, le=1, description="Factor by which to multiply the learning rate on each attempt.")
    ] = 0.5


class ExecutionSection(Spec):
    """How TensorFlow runs the experiment. These fields change speed and rounding, not the experiment."""

    precision: Annotated[
        Literal["float32", "float64", "mixed_float16", "mixed_bfloat16", "bfloat16", "float16"],
        Field(description="The Keras dtype policy of all layers."),
    ] = "float32"
    floatx: Annotated[
        Literal["float16", "float32", "float64"],
        Field(description="The default float type of Keras; ~/.keras/keras.json is not used."),
    ] = "float32"
    epsilon: Annotated[
        Number, Field(gt=0, description="The fuzz factor of Keras, which keeps divisions and logarithms finite.")
    ] = 1e-7
    image_data_format: Annotated[
        Literal["channels_last", "channels_first"],
        Field(description="Where layers expect the channels of an image; data sources put them last."),
    ] = "channels_last"
    jit_compile: Annotated[
        Boolean | Literal["auto"],
        Field(
            description="Whether to compile the step with XLA; auto = not on a CPU, where it rounds otherwise; on a GPU as Keras decides."
        ),
    ] = "auto"
    steps_per_execution: Annotated[
        Positive | Literal["auto"],
        Field(
            description="Steps to run in one call of TensorFlow; auto = several where no callback acts at every batch, "
            "with the same results as 1."
        ),
    ] = "auto"
    deterministic: Annotated[
        Boolean, Field(description="Whether to use only deterministic operations: slower, but the same bits on a GPU.")
    ] = False
    snapshot: Annotated[SnapshotSection, Field(description="When to save the state that a run resumes from.")] = (
        SnapshotSection.model_construct()
    )
    recover: Annotated[RecoverSection, Field(description="What to do when training diverges.")] = (
        RecoverSection.model_construct()
    )

    @property
    def keras_settings(self) -> dict[str, str | float]:
        """What Keras would take from its own settings file."""
        return {"floatx": self.floatx, "epsilon": self.epsilon, "image_data_format": self.image_data_format}
