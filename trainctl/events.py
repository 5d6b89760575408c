"""Events: facts about a run. The run emits them; displays, logs and the run directory listen.

Data flows one way: nothing that listens can change the run, and a listener's failure is its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from trainctl.aliases import Value
from trainctl.notices import SCHEMA_VERSION as SCHEMA_VERSION
from trainctl.notices import Event as Event
from trainctl.notices import Notice as Notice
from trainctl.notices import Phase as Phase
from trainctl.notices import PhaseStarted as PhaseStarted
from trainctl.notices import iso as iso

Sink = Callable[[Event], None]

Baseline = Mapping[str, Mapping[str, float]]
"""What constants come to, by the key of the metric and the kind of constant: `{"val_accuracy": {"majority": 0.616}}`.

Beside the constants may be `gradient_boosting`, a quick model of another kind.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(Event):
    """A run has its directory.

    `directory` is empty in a dry run; `overrides` are the `--set` arguments, secrets redacted; `imports` are the user's modules, each with its name, file and
    SHA-256; `variables` the salted hashes of environment variables; `places` where the runs are that the model builds on; `given_data` what was given in Python in place of the data source;
    `definitions` the components that cells of a notebook define, each with its kind, name and source text; `keras` Keras's settings; `plot_format` that of the pictures, `None` where it is as before. `resumed` says from where the run goes on, in words such as "after epoch 3"; `None` where it begins.
    """

    name: str
    run_id: str
    directory: str
    config: str
    seed: int
    epochs: int
    overrides: tuple[str, ...] = ()
    imports: tuple[Mapping[str, str], ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    given_data: Mapping[str, Value] | None = None
    definitions: tuple[Mapping[str, str], ...] = ()
    dry_run: bool = False
    resumed: str | None = None
    keras: Mapping[str, str | float] = field(default_factory=dict)
    plot_format: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DataLoaded(Event):
    """The data is loaded and split.

    `input_shape` is of one sample, of several inputs a mapping; `stand_in_for` names the source it stands in for, where one
    was unreachable; `fingerprint` changes with the data; `details` are its types, ranges, class balance, missing values
    for people; `data_schema` is what reading new inputs depends on.
    """

    source: str
    train_samples: int
    validation_samples: int
    test_samples: int
    input_shape: tuple[int | None, ...] | Mapping[str, list[int]]
    num_classes: int | None
    steps_per_epoch: int
    batch_size: int
    stand_in_for: str | None = None
    fingerprint: str = ""
    details: Mapping[str, Value] = field(default_factory=dict)
    class_names: tuple[str, ...] = ()
    data_schema: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelBuilt(Event):
    """The model is built and compiled.

    `device` is a person's word for it: "CPU (2 threads)", "GPU: NVIDIA H200"; `directions` say of the logged keys whether
    lower (`min`) or higher (`max`) is better, where anyone can tell; `nodes` are the first of the `node_count` nodes, each with
    its name, the models that it is `within`, its layer, shape, parameters, and how many of these are trainable.
    """

    model: str
    parameters: int
    trainable_parameters: int
    layers: int
    device: str
    callbacks: tuple[str, ...]
    directions: Mapping[str, str] = field(default_factory=dict)
    nodes: tuple[Mapping[str, Value], ...] = ()
    node_count: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """What a setting came to that the experiment leaves open: `value`, and the `reason` in words."""

    value: bool | int | str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionDecided(Event):
    """How training is executed: by the path of a setting, what it came to and why."""

    decisions: Mapping[str, Decision]


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineMeasured(Event):
    """What a model that looks at no input comes to, in each metric that has such a value.

    The kinds of constants are `majority` (the class that occurs most), `mean` (of classes, their frequencies as
    probabilities), `median` and, of time series, `last`; where it was asked for, `gradient_boosting` is beside them, and
    `models` says how it was trained: on how many `rows` `of` how many, `columns`, `iterations`, `seconds`. `majority` is
    the name of the class, of the only output.
    """

    baseline: Baseline
    majority: str | None = None
    models: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointsKept(Event):
    """Which file of the run directory holds the best model, by which metric, and which one the last; for `RUN/best`.

    `value` is that metric of the best model, and `last_value` of the last one, in epoch `last_epoch` (from 1); both files
    are the same where the final model is the best.
    """

    best: str
    last: str
    metric: str
    value: float
    last_value: float
    last_epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StageStarted(Event):
    """Stage `number` (from 1) of `count` begins, or goes on; `name` is empty where it has none.

    `first_epoch` is the number of its first epoch in the run, `epochs` how many it trains; `steps_per_epoch` and
    `batch_size` are of this stage, as are its `callbacks`; `trainable_parameters` is how many it trains.
    """

    number: int
    count: int
    name: str
    first_epoch: int
    epochs: int
    steps_per_epoch: int
    batch_size: int
    trainable_parameters: int
    callbacks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageEnded(Event):
    """Stage `number` (from 1) ended after `epochs` epochs.

    `metrics` are those of epoch `kept_epoch` (from 1, in the run), whose weights the next stage begins with.
    """

    number: int
    name: str
    epochs: int
    kept_epoch: int
    metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochStarted(Event):
    """Epoch `epoch` (from 1) of `epochs` begins; `steps` optimizer steps, or what `unit` says, are to come."""

    epoch: int
    epochs: int
    steps: int
    unit: str = "steps"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress(Event):
    """Where the epoch is, at most ten times a second. `metrics` are running values, empty where none were read."""

    transient: ClassVar[bool] = True
    epoch: int
    step: int
    steps: int
    validating: bool = False
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochEnded(Event):
    """An epoch ended. `metrics` in the order to show them; `seconds` is the wall time, validation included."""

    epoch: int
    epochs: int
    metrics: Mapping[str, float]
    learning_rate: float | None
    seconds: float
    steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotSaved(Event):
    """The state of the run is in `file`, in its snapshots folder: `epoch` epochs had ended, and `step` steps of the next.

    `seconds` is the time that training waited for it.
    """

    file: str
    epoch: int
    step: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered(Event):
    """Training diverged in epoch `diverged_in` (from 1), and continues from a snapshot with a smaller `learning_rate`.

    The snapshot was taken after `epoch` epochs and `step` steps of the next. This is try `attempt` (from 1) of `retries`.
    """

    diverged_in: int
    epoch: int
    step: int
    learning_rate: float
    attempt: int
    retries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackNotice(Event):
    """A callback did something that the user needs to know, in its own words."""

    callback: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbacksTimed(Event):
    """What each callback of the experiment cost, in seconds of wall time, by name."""

    seconds: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class ExpectationResult:
    """An `expect:` of the experiment beside what the kept weights came to.

    Args:
        metric: The metric; `best val_loss` where not the kept weights count.
        op: `>=`, `<=`, `>` or `<`.
        bound: What the metric was to keep.
        value: What it is; `None` if it was not measured.
        met: Whether it keeps the bound.
    """

    metric: str
    op: str
    bound: float
    value: float | None
    met: bool

    def __str__(self) -> str:
        """`val_accuracy is 0.5, expected >= 0.999`."""
        was = "was not measured" if self.value is None else f"is {self.value:.4g}"
        return f"{self.metric} {was}, expected {self.op} {self.bound:.6g}"


@dataclass(frozen=True, slots=True)
class Statistics:
    """A metric of several runs.

    Args:
        mean: The mean.
        deviation: The sample standard deviation, with n - 1 in the denominator; 0 of a single run.
        values: The value of each run, in their order.
    """

    mean: float
    deviation: float
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ChildRun:
    """What a run came to that is part of another.

    Args:
        name: Its name among the others, such as `2`.
        run_id: Its id.
        directory: Its directory, from that of the whole run.
        status: done, failed, interrupted or terminated.
        exit_code: Its exit code.
        epochs: Epochs that it ran.
        kept_epoch: The epoch (from 1) of the weights that it kept.
        seconds: How long it took.
        metrics: Those of the weights that it kept.
        weights: A digest of these.
        baseline: What constants come to in the same metrics.
    """

    name: str
    run_id: str
    directory: str
    status: str
    exit_code: int
    epochs: int
    kept_epoch: int | None
    seconds: float
    metrics: Mapping[str, float]
    weights: str | None = None
    baseline: Baseline = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChildRuns:
    """The runs that a run consists of.

    Args:
        kind: What they are, as their folder is called: `folds`.
        runs: Each of them, in their order.
        metrics: Each metric that all of them have.
    """

    kind: str
    runs: tuple[ChildRun, ...]
    metrics: Mapping[str, Statistics]

    @property
    def noun(self) -> str:
        """What one of them is called: `fold`."""
        return self.kind.removesuffix("s")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildStarted(Event):
    """A run begins that is part of another, or goes on: `name` of `count`, such as fold 2 of 5; `noun` says what it is."""

    noun: str
    name: str
    count: int
    directory: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildFinished(Event):
    """A run is over that is part of another: what it came to, and what all that are over came to together."""

    run: ChildRun
    so_far: ChildRuns


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished(Event):
    """The run is over, one way or another.

    `metrics` are those of the weights that were kept, epoch `kept_epoch` (from 1); `callback_seconds`
    is the wall time that each callback cost; `status` is done, failed, interrupted, terminated or paused; `resume` is the command
    that goes on, where that makes sense; `weights` is a digest of the kept weights; `diagnostics` point at what is to blame in the experiment, and are shown
    after the run in place of `message` and `hint`; `directory` is empty after a dry run; `children` are the runs that it
    consists of, whose means `metrics` are; `baseline` and `majority` are those of `BaselineMeasured`.
    """

    status: str
    exit_code: int
    epochs: int
    seconds: float
    directory: str
    run_id: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)
    kept_epoch: int | None = None
    expectations: tuple[ExpectationResult, ...] = ()
    stand_in_for: str | None = None
    callback_seconds: Mapping[str, float] = field(default_factory=dict)
    message: str | None = None
    hint: str | None = None
    resume: str | None = None
    weights: str | None = None
    diagnostics: tuple[Mapping[str, Value], ...] = ()
    children: ChildRuns | None = None
    baseline: Baseline = field(default_factory=dict)
    majority: str | None = None

    def as_dict(self) -> dict[str, Value]:
        """Return the event for machines; the runs that it consists of under their kind, such as `folds`."""
        facts = Event.as_dict(self)
        children = facts.pop("children")
        return facts if children is None else {**facts, children.pop("kind"): children}


def fan_out(*sinks: Sink) -> Sink:
    """One sink that passes every event to each of `sinks`, in order."""

    def emit(event: Event) -> None:
        for sink in sinks:
            sink(event)

    return emit


def ignore(_event: Event) -> None:
    """Take no notice: the sink where no one watches."""
