"""The facts of a run as text, the same on every display."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from trainctl.aliases import Value
from trainctl.text import format_age, format_duration, format_number, literal, plural, printable

if TYPE_CHECKING:
    from trainctl.events import (
        CheckpointsKept,
        ChildFinished,
        ChildStarted,
        DataLoaded,
        ExecutionDecided,
        ExpectationResult,
        ModelBuilt,
        Phase,
        Recovered,
        RunFinished,
        StageStarted,
    )

MET, MISSED = "✓", "✗"
"""What an expectation, and the summary of a run, begins with on a screen."""

_FEW = 6  # classes whose sizes are listed


def format_data(event: DataLoaded) -> str:
    """`MNIST: 48,000 train, 12,000 validation, 10,000 test`."""
    parts = {"train": event.train_samples, "validation": event.validation_samples, "test": event.test_samples}
    stand_in = f", stand-in for {printable(event.stand_in_for)}" if event.stand_in_for else ""
    return f"{printable(event.source)}{stand_in}: {', '.join(f'{count:,} {part}' for part, count in parts.items() if count)}"


def format_sample(event: DataLoaded) -> str:
    """Return the facts of one sample: `28×28×1 · batch size 64 · 750 steps per epoch · 10 classes`."""
    classes = plural(event.num_classes, "class") if event.num_classes else ""
    batches = f"batch size {event.batch_size:,} · {plural(event.steps_per_epoch, 'step')} per epoch"
    return " · ".join(filter(None, [_format_input(event), batches, classes]))


def _format_input(event: DataLoaded) -> str:
    """Return the shape of the input; for a vector of numbers, the count of its features."""
    shape = event.input_shape
    dtype = str(event.details.get("inputs", {}).get("x", {}).get("dtype", "float32"))
    if isinstance(shape, Mapping) or len(shape) != 1 or shape[0] is None or not dtype.startswith("float"):
        return format_shape(shape)
    return plural(shape[0], "feature")


def format_shape(shape: Sequence[int | None] | Mapping[str, Sequence[int | None]]) -> str:
    """Return a shape as `28×28×1`, or those of several inputs as `image 28×28×1, meta 4`."""
    if isinstance(shape, Mapping):
        return ", ".join(f"{printable(name)} {format_shape(each) or 'scalar'}" for name, each in shape.items())
    return "×".join("?" if size is None else str(size) for size in shape)


def format_details(details: Mapping[str, Value]) -> str:
    """`uint8 0 to 255; setosa 40, versicolor 40, virginica 40; 21 missing values in age, deck`."""
    inputs = [_format_range(name, facts) for name, facts in details.get("inputs", {}).items()]
    labels = [_format_labels(name, facts) for name, facts in details.get("labels", {}).items()]
    gaps = {name: facts["missing"] for name, facts in details.get("columns", {}).items() if facts["missing"]}
    missing = f"{plural(sum(gaps.values()), 'missing value')} in {', '.join(map(printable, gaps))}" if gaps else ""
    return "; ".join(filter(None, [*inputs, *labels, missing]))


def _format_range(name: str, facts: Mapping[str, Value]) -> str:
    named = "" if name == "x" else f"{printable(name)} "
    spread = f" {facts['min']:g} to {facts['max']:g}" if "min" in facts else ""
    missing = f", {facts['missing']:,} of them NaN" if facts.get("missing") else ""
    return f"{named}{facts['dtype']}{spread}{missing}"


def _format_labels(name: str, facts: Mapping[str, Value]) -> str:
    named = "" if name == "y" else f"{printable(name)} "
    classes = facts.get("classes")
    if classes is None:
        return f"{named or 'labels '}{facts['min']:g} to {facts['max']:g}"
    if len(classes) <= _FEW:
        return named + ", ".join(f"{printable(text)} {count:,}" for text, count in classes.items())
    return f"{named}{min(classes.values()):,} to {max(classes.values()):,} samples per class"


def format_model(event: ModelBuilt) -> str:
    """`Sequential: 5 layers, 50,890 parameters`, and how many of them are trained where not all are."""
    words = f"{printable(event.model)}: {plural(event.layers, 'layer')}, {plural(event.parameters, 'parameter')}"
    frozen = event.trainable_parameters != event.parameters
    return words + (f", {event.trainable_parameters:,} of them trainable" if frozen else "")


def format_stage(event: StageStarted) -> str:
    """`stage 2 of 2 · finetune · 1,242 trainable parameters · batch size 16`."""
    parameters = plural(event.trainable_parameters, "trainable parameter")
    parts = [f"stage {event.number} of {event.count}", printable(event.name), parameters]
    return " · ".join(filter(None, [*parts, f"batch size {event.batch_size:,}"]))


def format_decisions(event: ExecutionDecided) -> Iterator[str]:
    """Yield `steps_per_execution 1 (LambdaCallback acts at every batch)` and the like."""
    for path, each in event.decisions.items():
        yield f"{path.rpartition('.')[2]} {format_decision(each.value, each.reason)}"


def format_decision(value: Value, reason: str) -> str:
    """`off (on a CPU, XLA rounds otherwise)`."""
    return f"{'on' if value is True else 'off' if value is False else printable(str(value))} ({printable(reason)})"


def format_summary(event: RunFinished) -> str:
    """`done in 1:05 min: 10 epochs, weights of epoch 7 kept`."""
    epochs = plural(event.epochs, "epoch")
    if event.children is not None:
        epochs = f"{plural(len(event.children.runs), event.children.noun)}, {epochs}"
    words = f"{printable(event.status)} in {format_duration(event.seconds)}: {epochs}"
    return words + (f", weights of epoch {event.kept_epoch} kept" if event.kept_epoch is not None else "")


def format_child(event: ChildStarted) -> str:
    """`fold 2 of 5`."""
    return f"{event.noun} {printable(event.name)} of {event.count}"


def format_child_result(event: ChildFinished) -> str:
    """`done in 3.1 s: 10 epochs  test_loss 0.2131  test_accuracy 0.9384`; without a test, the other metrics."""
    run = event.run
    tested = {name: value for name, value in run.metrics.items() if name.startswith("test_")}
    words = f"{printable(run.status)} in {format_duration(run.seconds)}: {plural(run.epochs, 'epoch')}"
    return f"{words}  {format_metrics(tested or run.metrics)}".rstrip()


def format_results(event: RunFinished) -> Mapping[str, str]:
    """Return each metric of the run with its baseline: `0.9384 (always 'no': 0.6160)`.

    Of a run that consists of several, `0.9384 ± 0.0121`.
    """
    if event.children is None:
        shown = {name: format_number(value) for name, value in event.metrics.items()}
    else:
        shown = {name: format_statistics(each.mean, each.deviation) for name, each in event.children.metrics.items()}
    beside = {name: format_beside(event.baseline.get(name, {}), event.majority) for name in shown}
    return {name: f"{value}{beside[name]}" for name, value in shown.items()}


def format_checkpoints(event: CheckpointsKept) -> str:
    """`best_model.keras is best by val_loss (0.2131); model.keras has epoch 10 (0.2502)`."""
    value, last = format_number(event.value), format_number(event.last_value)
    if event.best == event.last:
        return f"{printable(event.last)} is best by {printable(event.metric)} ({value})"
    return (
        f"{printable(event.best)} is best by {printable(event.metric)} ({value}); {printable(event.last)} has epoch "
        f"{event.last_epoch} ({last})"
    )


def format_beside(kinds: Mapping[str, float], majority: str | None) -> str:
    """` (always 'no': 0.6160)`: what constants come to in a metric; nothing where none does."""
    said = [f"{_name_constant(kind, majority)}: {format_number(value)}" for kind, value in kinds.items()]
    return f" ({'; '.join(said)})" if said else ""


def _name_constant(kind: str, majority: str | None) -> str:
    if kind == "majority":
        return f"always '{printable(majority)}'" if majority is not None else "majority class"
    if kind == "mean" and majority is not None:  # the mean of one-hot labels
        return "class frequencies"
    return {"last": "last value"}.get(kind, printable(kind).replace("_", " "))


def format_statistics(mean: float, deviation: float) -> str:
    """`0.9384 ± 0.0121`: the mean and the standard deviation."""
    return f"{format_number(mean)} ± {format_number(deviation)}"


def format_cell(value: Value) -> str:
    """Return a recorded metric: `0.9384`, and `nan` where null stands for it."""
    if value is None:
        return "nan"
    return format_number(value) if isinstance(value, float) else str(value)


def format_fact(key: str, value: Value) -> str:
    """Return a fact, a metric or a baseline of a recorded run; `-` where there is none."""
    return "-" if value in (None, "", []) else _FORMATS.get(key, format_cell)(value)


_FORMATS: Mapping[str, Callable[[Value], str]] = {
    "age": format_age,
    "duration": format_duration,
    **dict.fromkeys(("epochs", "kept_epoch", "parameters"), "{:,}".format),
    "tags": " ".join,
}
"""How the facts are shown that are not shown as they are."""


def format_setting(value: Value) -> str:
    """Return a setting as YAML has it; `-` where there is none."""
    return "-" if value is None else value if isinstance(value, str) else literal(value)


def format_recovery(event: Recovered) -> str:
    """`the loss diverged in epoch 4: continuing after epoch 3 with learning_rate 0.0005 (try 1 of 2)`."""
    place = f"in epoch {event.epoch + 1}, step {event.step:,}," if event.step else f"after epoch {event.epoch}"
    return (
        f"the loss diverged in epoch {event.diverged_in}; continuing {place} with learning_rate {event.learning_rate:.4g} "
        f"(attempt {event.attempt} of {event.retries})"
    )


def format_metrics(metrics: Mapping[str, float]) -> str:
    """`loss 0.2131  accuracy 0.9384`."""
    return "  ".join(f"{printable(name)} {format_number(value)}" for name, value in metrics.items())


def format_costs(event: RunFinished) -> str:
    """`TensorBoard 1.2 s (20 %), ModelCheckpoint 0.3 s (5 %)`: the callbacks that took a tenth of a second or more."""
    costs = [(name, seconds) for name, seconds in event.callback_seconds.items() if seconds >= 0.1]
    return ", ".join(f"{printable(name)} {format_duration(s)} ({s / max(event.seconds, s):.0%})" for name, s in costs)


def format_phase(phase: Phase, subject: str | None) -> str:
    """`loading data…`, `downloading mnist.npz from storage.googleapis.com…`."""
    words = f"{phase} {printable(subject)}" if subject else str(phase)
    return f"{words.rstrip('.…')}…"


def told_apart(event: RunFinished) -> Sequence[ExpectationResult]:
    """Return the expectations that the message of the run does not tell of already: all of them where it has none."""
    return [each for each in event.expectations if each.met or not event.message]


def mark(result: ExpectationResult) -> str:
    """`✓` or `✗`."""
    return MET if result.met else MISSED
