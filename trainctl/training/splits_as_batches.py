"""The splits of the data as pipelines for `fit`."""

from __future__ import annotations

from typing import Any

from trainctl.data import batches as pipeline
from trainctl.data.class_weights import weighing
from trainctl.training.built import Built


def training_data(built: Built, steps: int) -> pipeline.Epochs:
    """Return the training samples, epochs of `steps` batches, weighed by their classes where the experiment says so."""
    weights, labels = built.class_weights, built.data.labels.only
    if weights is None or labels is None:
        return pipeline.Epochs(built.data.training, steps)
    return pipeline.Epochs(lambda start: built.data.training(start).map(weighing(weights, labels)), steps)


def validation_data(built: Built, *, dry_run: bool) -> Any:
    """The validation samples once, in order, or as many batches as the experiment says; `None` if there are none.

    A dry run takes a single batch.
    """
    samples = built.data.splits.validation
    if samples is None:
        return None
    found = built.data.evaluation(samples)
    count = 1 if dry_run else built.experiment.fit.validation_steps
    return found if count is None else found.take(count)


def steps_per_epoch(built: Built) -> int:
    """Batches in one epoch: as many as the experiment says, or all samples once."""
    return int(built.experiment.fit.steps_per_epoch or built.data.facts["steps_per_epoch"])


def counted_samples(built: Built) -> int | None:
    """Return the samples of an epoch, where a callback needs progress counted in them."""
    wanted = any(spec.counts_samples for spec in built.experiment.callbacks)
    return len(built.data.splits.train) if wanted else None
