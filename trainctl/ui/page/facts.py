"""What a report tells of a run. What comes out of a run directory may be a stranger's, and is checked when it becomes a fact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from trainctl.aliases import Value

Number = float | None
"""A number; `None` is NaN."""
Cell = str | int | float | bool | None


class Fact(BaseModel):
    """Something recorded; what is not known is left out, and nothing is converted."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)


FactT = TypeVar("FactT", bound=Fact)


def parse(fact: type[FactT], recorded: Value) -> FactT | None:
    """Return the fact; `None` where it was not recorded so."""
    try:
        return fact.model_validate(recorded)
    except (ValidationError, OverflowError, RecursionError):
        return None


class Column(Fact):
    """A column of a table."""

    kind: str = ""
    missing: int = 0
    distinct: int | None = None
    distinct_of: int | None = None
    min: Cell = None
    max: Cell = None
    mean: Cell = None
    frequent: list[list[Cell]] = []
    use: str = ""


class Input(Fact):
    """An input of another kind."""

    dtype: str = ""
    shape: list[int | None] = []
    min: Number = None
    max: Number = None
    missing: int = 0


class Label(Fact):
    """The labels of an output: how many samples each class has, or their range."""

    classes: dict[str, int] | None = None
    min: Number = None
    max: Number = None


class Warned(Fact):
    """Something suspicious in the data."""

    code: str = ""
    column: str | None = None
    text: str = ""


class Details(Fact):
    """What is known of the data."""

    columns: dict[str, Column] = {}
    inputs: dict[str, Input] = {}
    labels: dict[str, Label] = {}
    warnings: list[Warned] = []


class Layer(Fact):
    """A node of the model: of a model within the model also those it is in."""

    name: str
    layer: str
    within: list[str] = []
    shape: Value = None
    parameters: int = 0
    trainable: int = 0


class Model(Fact):
    """The model as it was built."""

    name: str = ""
    trainable_parameters: int = 0
    nodes: list[Layer] = []
    node_count: int = 0


class Matrix(Fact):
    """A confusion matrix: how often each class (rows) was taken for which."""

    labels: list[str]
    counts: list[list[int]]


class Roc(Fact):
    """A ROC curve."""

    auc: Number
    false_positive_rate: list[float]
    true_positive_rate: list[float]


class PrecisionRecall(Fact):
    """A precision-recall curve."""

    average_precision: Number
    precision: list[float]
    recall: list[float]


class Threshold(Fact):
    """The threshold with the highest F1."""

    value: Number
    f1: Number


class Bin(Fact):
    """Predictions of about one confidence."""

    confidence: float
    accuracy: float
    count: int


class Calibration(Fact):
    """How confidence and accuracy differ."""

    expected_error: Number
    bins: list[Bin]


class Decile(Fact):
    """The residuals of a tenth of the labels."""

    lowest: Number = Field(None, alias="from")
    highest: Number = Field(None, alias="to")
    count: int = 0
    mean_residual: Number = None
    mae: Number = None


class Regression(Fact):
    """How far numbers are off."""

    mae: Number
    rmse: Number
    r2: Number
    residual_deciles: list[Decile] = []


class Points(Fact):
    """Labels with their predictions."""

    label: list[float]
    predicted: list[float]


class Mistake(Fact):
    """A sample whose prediction is wrong."""

    row: int | None = None
    label: Value = None
    prediction: Value = None
    probability: Number = None
    values: dict[str, Value] = {}


class OfColumn(Fact):
    """What a model loses where a column is shuffled."""

    column: str
    mean: Number
    deviation: Number


class Importance(Fact):
    """How much a model depends on each column."""

    score: str
    rows: int = 0
    columns: list[OfColumn]


class Quality(Fact):
    """How good the predictions of an output are."""

    confusion_matrix: Matrix | None = None
    per_class: list[dict[str, Cell]] = []
    roc: Roc | None = None
    precision_recall: PrecisionRecall | None = None
    threshold: Threshold | None = None
    calibration: Calibration | None = None
    regression: Regression | None = None
    points: Points | None = None
    mistakes: list[Mistake] = []
    importance: Importance | None = None
    not_finite: int = 0


class Evaluated(Quality):
    """An evaluation, as `evaluations/` keeps it."""

    time: str = ""
    split: str = ""
    checkpoint: str = ""
    samples: int = 0
    data: str | None = None
    data_changed: bool = False
    metrics: dict[str, Number] = {}
    baseline: dict[str, dict[str, float]] = {}
    outputs: dict[str, Quality] = {}
    images: list[str] = []


@dataclass(frozen=True, slots=True)
class Setting:
    """A line of the configuration.

    Args:
        text: As YAML.
        origin: Where its value comes from; empty for the head of a section.
        replaced: The values that it replaced, with their places.
    """

    text: str
    origin: str = ""
    replaced: str = ""


@dataclass(frozen=True, slots=True)
class Child:
    """One of the runs that a run consists of."""

    name: str
    status: str
    epochs: int
    metrics: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a report tells of a run.

    Args:
        run_id: Its id.
        name: The experiment's name.
        status: As a person reads it.
        directory: Its directory.
        record: What run.json says.
        metrics: Of the kept weights; of a run that consists of several, their means.
        deviations: Of those means.
        history: The lines of metrics.jsonl; of a run that consists of several, those of each.
        stages: What each stage is called, by its first epoch.
        details: What is known of the data.
        model: The model as it was built.
        evaluation: How good its predictions are.
        evaluation_note: Where the evaluation comes from, or why there is none.
        images: The inputs of the worst mistakes, as data URLs of images made here.
        settings: The configuration.
        settings_note: What is to be said of it.
        kind: Of the runs that it consists of, such as `folds`.
        children: These runs.
        notices: What was said aloud while it trained.
        tags: The person's.
        note: The person's.
    """

    run_id: str
    name: str
    status: str
    directory: str
    record: Mapping[str, Value]
    metrics: Mapping[str, float | None]
    deviations: Mapping[str, float | None] = field(default_factory=dict)
    history: Sequence[Sequence[Mapping[str, Value]]] = ()
    stages: Mapping[int, str] = field(default_factory=dict)
    details: Details | None = None
    model: Model | None = None
    evaluation: Evaluated | None = None
    evaluation_note: str = ""
    images: Sequence[str] = ()
    settings: Sequence[Setting] = ()
    settings_note: str = ""
    kind: str = ""
    children: Sequence[Child] = ()
    notices: Sequence[str] = ()
    tags: Sequence[str] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """A setting or a result of several runs: each as text, and which are the best."""

    key: str
    values: Sequence[str]
    best: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """In which settings runs differ, and what each came to.

    Args:
        settings: Those that differ.
        results: Metrics and facts.
        note: Why the settings are not known; empty if they are.
    """

    settings: Sequence[ComparedRow]
    results: Sequence[ComparedRow]
    note: str = ""
