"""The experiment: the whole file as frozen sections. One home for each setting."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from trainctl.aliases import Value
from trainctl.components.fields import Boolean, Integer, Made, Number, Slot, Text, as_number
from trainctl.components.label_change import LabelChange, LabelChanges
from trainctl.components.nodes.model import Graph
from trainctl.components.spec import CallbackSpec, SourceSpec, Spec, section_of
from trainctl.config.component import BESIDE_OPTIMIZER, KerasComponent, Losses, Metrics, Settled
from trainctl.config.execution import ExecutionSection, Positive
from trainctl.config.folds import BY_TIME, FoldsSection
from trainctl.config.model.graph import Freeze

Fraction = Annotated[Number, Field(gt=0, lt=1)]


class DataSection(Spec):
    """Where the samples come from, and how they are split, ordered and batched."""

    source: Annotated[SourceSpec, Slot(("source",)), Field(description="Where the samples come from.")]
    offline: Annotated[
        SourceSpec | None,
        Slot(("source",)),
        Field(
            description="A stand-in for the source when it cannot be downloaded; announced with a warning and recorded."
        ),
    ] = None
    validation: Annotated[
        SourceSpec | None,
        Slot(("source",)),
        Field(description="A separate source to validate on after each epoch."),
    ] = None
    test: Annotated[
        SourceSpec | None,
        Slot(("source",)),
        Field(description="A separate source to test the final model on, once."),
    ] = None
    validation_split: Annotated[
        Fraction | None, Field(description="Fraction of the samples to validate on after each epoch.")
    ] = None
    test_split: Annotated[
        Fraction | None, Field(description="Fraction of the samples to test the final model on, once.")
    ] = None
    split_by_group: Annotated[
        Text | None, Field(description="A column of the table; rows with the same value stay in one split.")
    ] = None
    split_by_time: Annotated[
        Text | None,
        Field(
            description="A column of the table; the latest rows become the test split, those before them the validation split."
        ),
    ] = None
    folds: Annotated[
        FoldsSection | None,
        Field(description="Cross-validation: a number of folds, or a mapping with k; null = one run, not several."),
    ] = None
    sample_weight: Annotated[
        Text | None, Field(description="A column of the table with the weight of each row, 0 or more.")
    ] = None
    target: Annotated[
        Literal["labels", "inputs"],
        Field(description="What the model learns: the labels, or its own inputs (an autoencoder)."),
    ] = "labels"
    labels: Annotated[
        Literal["auto", "index", "one_hot", "multi_hot", "number"],
        Field(
            description="The kind of the labels: class indices, one-hot, several 0 or 1, or numbers; auto = inferred from "
            "their values and the loss."
        ),
    ] = "auto"
    map_labels: Annotated[
        LabelChanges,
        Field(
            description="What is done to the labels before training, in this order: scale, shift, clip, log, log1p, cast, map; "
            "predictions and metrics are in the label's own unit again. For several outputs, a mapping of output names to such.",
            examples=[{"shift": -1}, {"map": {"no": 0, "yes": 1}}, [{"clip": [0, 100]}, {"scale": "1/100"}]],
        ),
    ] = Field(default_factory=dict)
    map: Annotated[
        tuple[Annotated[KerasComponent, Made()], ...],
        Slot(("layer",), many=True),
        Field(
            description="Layers that change the inputs of all splits before the model sees them: Rescaling, Resizing …"
        ),
    ] = ()
    augment: Annotated[
        tuple[Annotated[KerasComponent, Made()], ...],
        Slot(("layer",), many=True),
        Field(
            description="Layers that change the training inputs at random, after `map`: RandomFlip, RandomRotation …"
        ),
    ] = ()
    cache: Annotated[
        Literal["memory", "disk", "none"] | None,
        Field(
            description="Where to cache the samples after `map`; null = nowhere, but images and recordings stay in memory "
            "once read, where they fit; none = read them again in each epoch."
        ),
    ] = None
    batch_size: Annotated[Positive, Field(description="Samples in one optimizer step.")] = 32
    shuffle: Annotated[
        Boolean | Positive,
        Field(
            description="Whether each epoch sees the samples in a new order, drawn from the seed; a number = shuffle within "
            "a window of that many samples."
        ),
    ] = True
    bucket_by_length: Annotated[
        Boolean | Positive,
        Field(
            description="Whether each training batch holds texts or sequences of similar length, so that little of it is "
            "padding: sorted within 100 batches, which then come in random order; a number = within that many samples."
        ),
    ] = False
    limit: Annotated[
        Positive | None, Field(description="Use only this many samples, drawn by the seed; null = all.")
    ] = None
    prefetch: Annotated[
        Positive | None,
        Field(
            description="Batches to prepare in advance; null = 4, or none where the data is in memory and needs no preparation."
        ),
    ] = None

    @property
    def label_changes(self) -> dict[str, LabelChange]:
        """What is done to the labels, by output; "" is the only one."""
        return {output: LabelChange(steps) for output, steps in self.map_labels.items() if steps}

    @property
    def known_classes(self) -> int | None:
        """How many classes the labels have, where that is known without loading them."""
        return None if self.map_labels else self.source.known_classes

    @property
    def known_numbers(self) -> bool:
        """Whether the labels are known, without loading them, to be numbers to predict."""
        return self.source.known_numbers and not self.map_labels

    @property
    def sources(self) -> tuple[SourceSpec, ...]:
        """Every source but the stand-in."""
        return tuple(each for each in (self.source, self.validation, self.test) if each is not None)

    @property
    def group_column(self) -> str | None:
        """The column whose equal values stay together when the samples are split, and held out in folds."""
        by = None if self.folds is None else self.folds.by
        if self.split_by_group is not None or by in {None, BY_TIME, self.split_by_time}:
            return self.split_by_group
        return by  # the column may be called "group"

    @property
    def time_column(self) -> str | None:
        """The column by which the samples are split, and held out in folds, in the order of time."""
        is_named = self.folds is None or self.folds.by != BY_TIME or self.source.is_ordered
        return self.split_by_time or (None if is_named else BY_TIME)

    @property
    def split_columns(self) -> dict[str, str]:
        """The columns by which the samples are split, each with the setting that names it."""
        by = None if self.folds is None else self.folds.by
        written = {"split_by_group": self.split_by_group, "split_by_time": self.split_by_time, "folds.by": by}
        columns = [each for each in (self.group_column, self.time_column) if each is not None]
        return {each: f"data.{next(key for key, name in written.items() if name == each)}" for each in columns}

    @property
    def is_cross_validated(self) -> bool:
        """Whether it takes several runs, one for each fold."""
        return self.folds is not None and self.folds.fold is None


class ModelSection(Graph):
    """The model: layers, one after the other unless `from:` says otherwise. The shape of its input comes from the data."""

    name: Annotated[
        Annotated[Text, Field(pattern=r"^[A-Za-z0-9.][A-Za-z0-9_.\-]*$")] | None,
        Field(description="The Keras model's name; null = the experiment's."),
    ] = None


ONLY = ""
"""The key of the only output's weight, where no name is written."""


def _as_weights(value: Value) -> Value:
    """A weight for the only output, alone or as the only item of a list, under no name; else the value as it came."""
    only = as_number(value[0] if isinstance(value, list) and len(value) == 1 else value)
    return {ONLY: only} if isinstance(only, int | float) and not isinstance(only, bool) else value


class CompileSection(Spec):
    """How the model learns: the arguments of Keras's `compile`."""

    optimizer: Annotated[
        Settled,
        Made(),
        Slot(("optimizer",), beside=BESIDE_OPTIMIZER),
        Field(description="The optimizer.", json_schema_extra={"default": "rmsprop"}),
    ] = KerasComponent("optimizer", "rmsprop")
    loss: Annotated[
        Losses | None,
        Made(),
        Slot(("loss",), by_output=True),
        Field(
            description="The loss to minimize; for several outputs, one loss for all or a mapping of output names to losses."
        ),
    ] = None
    loss_weights: Annotated[
        dict[str, Number],
        BeforeValidator(_as_weights, json_schema_input_type=dict[str, float] | float | list[float]),
        Field(
            description="The weight of each output's loss, by output name; 1 if omitted; a number where there is one output."
        ),
    ] = Field(default_factory=dict)
    metrics: Annotated[
        Metrics,
        Made(),
        Slot(("metric",), many=True, by_output=True),
        Field(
            description="Metrics besides the loss; for several outputs, a list for all or a mapping of output names to metrics."
        ),
    ] = ()
    weighted_metrics: Annotated[
        Metrics,
        Made(),
        Slot(("metric",), many=True, by_output=True),
        Field(description="Metrics that take sample weights and class weights into account."),
    ] = ()
    auto_scale_loss: Annotated[
        Boolean,
        Field(description="Whether to scale the loss with mixed_float16, so that small gradients do not underflow."),
    ] = True


class StageFit(Spec):
    """How long a stage trains: the arguments of Keras's `fit`, but for where it begins, which is where the one before ended."""

    epochs: Annotated[
        Positive, Field(description="The number of epochs; one epoch is a pass over the training samples.")
    ] = 1
    steps_per_epoch: Annotated[
        Positive | None,
        Field(
            description="Batches in one epoch; the next epoch continues where the last one ended; null = all samples once."
        ),
    ] = None
    validation_steps: Annotated[
        Positive | None, Field(description="Validate on this many batches, the first ones; null = all.")
    ] = None
    validation_freq: Annotated[Positive, Field(description="Epochs between two validations.")] = 1
    class_weight: Annotated[
        Literal["balanced"] | dict[str, Number] | None,
        Field(
            description="The weight of each class in the loss, by index or name; balanced = higher weights for rare classes.",
            examples=["balanced", {"0": 1.0, "1": 5.0}],
        ),
    ] = None


class FitSection(StageFit):
    """How long the model trains: the arguments of Keras's `fit`."""

    epochs: Annotated[
        Positive, Field(description="The number of the last epoch; one epoch is a pass over the training samples.")
    ] = 1
    initial_epoch: Annotated[
        Annotated[Integer, Field(ge=0)],
        Field(description="Epochs that count as already trained; training starts after them."),
    ] = 0


class StageData(Spec):
    """How the data is batched in a stage."""

    batch_size: Annotated[Positive, Field(description="Samples in one optimizer step.")] = 32


class Stage(Spec):
    """A stage of the training: what it changes is laid over the top level, not over the stage before."""

    name: Annotated[
        Annotated[Text, Field(pattern=r"^[A-Za-z][A-Za-z0-9_\-]*$", max_length=100)] | None,
        Field(description="The stage's name, for the display and for --set; null = its number."),
    ] = None
    freeze: Annotated[
        Freeze | None,
        Made(),
        Field(
            description="Layers that the stage does not train: a pattern of their names, a list of patterns, or "
            "{until: layer}; false = none; null = what freeze: says beside the layers of model.",
            examples=["backbone", ["backbone/block_1_*", "head"], {"until": "block_12_add"}],
            json_schema_extra={"type": ["null", "boolean", "array", "object", "string"]},
        ),
    ] = None
    compile: Annotated[CompileSection, Field(description="How the model learns in the stage.")] = (
        CompileSection.model_construct()
    )
    fit: Annotated[StageFit, Field(description="How long the stage trains.")] = StageFit.model_construct()
    callbacks: Annotated[
        tuple[CallbackSpec, ...],
        Slot(("callback",), many=True),
        Field(description="Callbacks of the stage; a mapping amends those of the top level by name."),
    ] = ()
    data: Annotated[StageData, Field(description="How the data is batched in the stage.")] = StageData.model_construct()


class Expectation(Spec):
    """A bound that a metric must keep, such as `>= 0.93`.

    Args:
        metric: The key of the metric.
        operator: How it is compared.
        value: The bound, or what is added to what it is counted from.
        of: Which value is compared: that of the kept weights, of the best epoch, or of the last.
        over: What the bound is counted from: the metric's `baseline`, which is the best constant, or `gradient_boosting`;
            `None` from zero.
    """

    metric: Text
    operator: Literal[">=", "<=", ">", "<"]
    value: Number
    of: Literal["kept", "best", "last"] = "kept"
    over: Literal["baseline", "gradient_boosting"] | None = None

    @classmethod
    def parse(cls, metric: str, text: str) -> Expectation | None:
        """Return what `text` expects of `metric`; `None` if it is not a comparison."""
        match = EXPECTATION.fullmatch(text)
        if match is None:
            return None
        offset = (match["offset"] or "0").replace(" ", "")
        return cls(
            metric=metric,
            operator=match["operator"],
            value=float(match["value"] or offset),
            of=match["of"] or "kept",
            over=match["over"],
        )

    @property
    def called(self) -> str:
        """The metric, and which value of it: `val_loss`, `best val_loss`."""
        return self.metric if self.of == "kept" else f"{self.of} {self.metric}"

    @property
    def wants_more(self) -> bool:
        """Whether a higher value is better."""
        return self.operator in {">=", ">"}

    def holds(self, value: float, bound: float) -> bool:
        """Return whether `value` keeps the bound; NaN never does."""
        match self.operator:
            case ">=":
                return value >= bound
            case "<=":
                return value <= bound
            case ">":
                return value > bound
            case _:
                return value < bound


GRADIENT_BOOSTING = "gradient_boosting"
"""What a quick model of another kind is called, beside the kinds of constants, wherever a baseline is kept."""

_NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
EXPECTATION = re.compile(
    rf"\s*(?:(?P<of>best|last)\s*)?(?P<operator>>=|<=|>|<)\s*"
    rf"(?:(?P<value>[-+]?{_NUMBER})|(?P<over>baseline|{GRADIENT_BOOSTING})(?:\s*(?P<offset>[-+]\s*{_NUMBER}))?)\s*"
)
"""`>= 0.93`, `best >= 0.93`, `> baseline + 0.05`, `> gradient_boosting`."""

Name = Annotated[Text, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]*$", max_length=100)]


class Experiment(Spec):
    """A training experiment: data, model, how to learn, for how long, and what to do on the way."""

    name: Annotated[
        Name | None, Field(description="Name of the experiment and of its folder under runs/; null = the file's stem.")
    ] = None
    description: Annotated[Text | None, Field(description="A description in your own words.")] = None
    seed: Annotated[
        Annotated[Integer, Field(ge=0, le=2**32 - 1)] | None,
        Field(description="The seed of initial weights, order and splits; null = drawn and recorded."),
    ] = None
    vars: Annotated[dict[str, Value], Field(description="Your own values, for ${vars.…}.")] = Field(
        default_factory=dict
    )
    data: Annotated[DataSection, Field(description="Where the samples come from.")]
    model: Annotated[ModelSection, Field(description="The model.")]
    compile: Annotated[CompileSection, Field(description="How the model learns.")]
    fit: Annotated[FitSection, Field(description="How long it trains.")] = FitSection.model_construct()
    callbacks: Annotated[
        tuple[CallbackSpec, ...],
        Slot(("callback",), many=True),
        Field(description="Callbacks, called in this order."),
    ] = ()
    stages: Annotated[
        tuple[Stage, ...],
        Field(
            description="Stages that train the same model one after another, as one run; each is laid over the top level, "
            "whose compile, fit and callbacks then are defaults."
        ),
    ] = ()
    execution: Annotated[ExecutionSection, Field(description="How TensorFlow runs the experiment.")] = (
        ExecutionSection.model_construct()
    )
    expect: Annotated[
        dict[str, Value],
        Field(
            description='Bounds for the final metrics, such as val_accuracy: ">= 0.93", "best >= 0.95", "> baseline + 0.05", '
            '"> gradient_boosting"; '
            "exit code 8 if not met."
        ),
    ] = Field(default_factory=dict)

    def at_stage(self, number: int, begun: int | None = None) -> Experiment:
        """The experiment as a stage trains it; itself where it has no stages.

        Its `fit.epochs` is the number of the last epoch: those of the stages before count. What is expected is expected of
        the last stage.

        Args:
            number: The stage, from 0; from -1, counted from the last.
            begun: Epochs that had ended when the stage began; `None` takes those that are planned.
        """
        if not self.stages:
            return self
        stage, planned = self.stages[number], self.begins()
        is_last = stage is self.stages[-1]
        first: Value = planned[number] if begun is None else begun
        last: Value = stage.fit.epochs  # or still to come from the data
        fit = FitSection.model_construct(**dict(stage.fit)).model_copy(
            update={"initial_epoch": first, "epochs": first + last if isinstance(last, int) else last}
        )
        fit.place(stage.fit.written_at, stage.fit.setting)
        return self.model_copy(
            update={
                "data": self.data.model_copy(update={"batch_size": stage.data.batch_size}),
                "compile": stage.compile,
                "fit": fit,
                "callbacks": stage.callbacks,
                "expect": self.expect if is_last else {},
                "stages": (),
            }
        )

    def begins(self) -> list[int]:
        """After how many epochs each stage is planned to begin; what is still to come from the data counts as none."""
        numbers: list[Value] = [self.fit.initial_epoch, *(each.fit.epochs for each in self.stages[:-1])]
        return list(accumulate(each if isinstance(each, int) else 0 for each in numbers))

    @property
    def at_each_stage(self) -> tuple[Experiment, ...]:
        """The experiment as each stage trains it; itself alone where it has no stages."""
        return tuple(self.at_stage(number) for number in range(max(1, len(self.stages))))

    @property
    def every_callback(self) -> tuple[CallbackSpec, ...]:
        """The callbacks of all stages, in their order."""
        return tuple(callback for each in self.at_each_stage for callback in each.callbacks)


SECTIONS: dict[str, type[Spec]] = {
    "data": DataSection,
    "model": ModelSection,
    "compile": CompileSection,
    "fit": FitSection,
    "execution": ExecutionSection,
}


SHORTHANDS: dict[str, str] = {
    f"{section}.{name}": inner.shorthand
    for section, spec in SECTIONS.items()
    for name in spec.model_fields
    if (inner := section_of(spec, name)) is not None and inner.shorthand is not None
}
"""The sections that a plain value may be short for, by path, each with the key that the value is meant for."""


def home_of(key: str) -> str | None:
    """Return the section that `key` belongs to, `""` for the top level, or `None`."""
    if key in Experiment.model_fields:
        return ""
    return next((section for section, spec in SECTIONS.items() if key in spec.model_fields), None)
