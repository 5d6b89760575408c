"""The facts of a run in words, the same on every display."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trainctl.words import duration, number, plural, printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trainctl.events import DataLoaded, ModelBuilt, Recovered, RunFinished

BUILDING = "building the graph"
"""The phase from the start of the first epoch to the end of its first step, which traces and compiles the model."""

MET, MISSED = "✓", "✗"
"""What an expectation in `RunFinished.expectations` begins with."""


def data_words(event: DataLoaded) -> str:
    """`MNIST: 48,000 train, 12,000 validation, 10,000 test`."""
    parts = {"train": event.train_samples, "validation": event.validation_samples, "test": event.test_samples}
    stand_in = f", stand-in for {printable(event.stand_in_for)}" if event.stand_in_for else ""
    return f"{printable(event.source)}{stand_in}: {', '.join(f'{count:,} {part}' for part, count in parts.items() if count)}"


def sample_words(event: DataLoaded) -> str:
    """`28×28×1, 10 classes, 64 a batch, 750 steps an epoch`."""
    shape = "×".join("?" if size is None else str(size) for size in event.input_shape)
    classes = plural(event.num_classes, "class") if event.num_classes else ""
    batches = f"{event.batch_size:,} a batch, {plural(event.steps_per_epoch, 'step')} an epoch"
    return ", ".join(filter(None, [shape, classes, batches]))


def model_words(event: ModelBuilt) -> str:
    """`Sequential: 5 layers, 50,890 parameters`, and how many of them are trained where not all are."""
    words = f"{printable(event.model)}: {plural(event.layers, 'layer')}, {plural(event.parameters, 'parameter')}"
    frozen = event.trainable_parameters != event.parameters
    return words + (f", {event.trainable_parameters:,} of them trainable" if frozen else "")


def summary_words(event: RunFinished) -> str:
    """`done in 1:05 min: 10 epochs, weights of epoch 7 kept`."""
    words = f"{printable(event.status)} in {duration(event.seconds)}: {plural(event.epochs, 'epoch')}"
    return words + (f", weights of epoch {event.kept_epoch} kept" if event.kept_epoch is not None else "")


def recovered_words(event: Recovered) -> str:
    """`the loss diverged in epoch 4: going on after epoch 3 with learning_rate 0.0005 (try 1 of 2)`."""
    place = f"in epoch {event.epoch + 1}, step {event.step:,}," if event.step else f"after epoch {event.epoch}"
    return (
        f"the loss diverged in epoch {event.diverged_in}: going on {place} with learning_rate {event.learning_rate:.4g} "
        f"(try {event.attempt} of {event.retries})"
    )


def metric_words(metrics: Mapping[str, float]) -> str:
    """`loss 0.2131  accuracy 0.9384`."""
    return "  ".join(f"{printable(name)} {number(value)}" for name, value in metrics.items())


def cost_words(event: RunFinished) -> str:
    """`TensorBoard 1.2 s (20 %), ModelCheckpoint 0.3 s (5 %)`: the callbacks that took a tenth of a second or more."""
    costs = [(name, seconds) for name, seconds in event.callback_seconds.items() if seconds >= 0.1]
    return ", ".join(f"{printable(name)} {duration(s)} ({s / max(event.seconds, s):.0%})" for name, s in costs)


def phase_words(phase: str) -> str:
    """`loading data…`."""
    return f"{printable(phase).rstrip('.…')}…"
