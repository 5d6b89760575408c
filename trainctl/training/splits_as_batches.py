"""The splits of the data as pipelines for `fit`."""

from __future__ import annotations

from dataclasses import dataclass

from trainctl.backend import as_written, tf
from trainctl.components.dataset import Samples
from trainctl.data import batches as pipeline
from trainctl.data.class_weights import weighing
from trainctl.data.in_memory import Walk, steps
from trainctl.training.built import Built


def training_data(built: Built, steps: int, *, in_graph: bool = False) -> pipeline.Epochs:
    """Return the training samples, epochs of `steps` batches, weighed by their classes where the experiment says so.

    Args:
        built: The experiment.
        steps: Batches of an epoch.
        in_graph: Whether a graph may go through them by itself, where they are in memory.
    """
    weights, labels = built.class_weights, built.data.labels.only
    weigh = None if weights is None or labels is None else weighing(weights, labels)
    walk = built.data.training_walk() if in_graph else ""
    if isinstance(walk, Walk):
        return pipeline.Epochs(walk if weigh is None else walk.then(weigh), steps)
    if weigh is None:
        return pipeline.Epochs(built.data.training, steps)
    return pipeline.Epochs(lambda start: built.data.training(start).map(as_written(weigh)), steps)


@dataclass(frozen=True, slots=True)
class Validation:
    """The samples that are validated on, or tested on, in order.

    Args:
        dataset: What Keras goes through: batches, or with `walk` as many numbers.
        walk: What a graph goes through by itself.
        steps: How many batches.
    """

    dataset: tf.data.Dataset
    walk: Walk | None
    steps: int


def validation_data(built: Built, *, dry_run: bool, in_graph: bool = False) -> Validation | None:
    """The validation samples once, in order, or as many batches as the experiment says; `None` if there are none.

    A dry run takes a single batch. `in_graph` says whether a graph may go through them by itself, where they are in memory.
    """
    samples = built.data.splits.validation
    count = 1 if dry_run else built.experiment.fit.validation_steps
    return None if samples is None else evaluation_data(built, samples, count, in_graph=in_graph)


def evaluation_data(built: Built, samples: Samples, most: int | None = None, *, in_graph: bool = False) -> Validation:
    """Return samples to evaluate on once, in order, or the first `most` batches of them."""
    count = steps(len(samples), built.experiment.data.batch_size)
    count = count if most is None else min(most, count)
    walk = built.data.evaluation_walk(samples) if in_graph else ""
    if isinstance(walk, Walk):
        return Validation(tf.data.Dataset.range(count), walk, count)
    return Validation(built.data.evaluation(samples).take(count), None, count)


def steps_per_epoch(built: Built) -> int:
    """Batches in one epoch: as many as the experiment says, or all samples once."""
    return int(built.experiment.fit.steps_per_epoch or built.data.facts["steps_per_epoch"])


def counted_samples(built: Built) -> int | None:
    """Return the samples of an epoch, where a callback needs progress counted in them."""
    wanted = any(spec.counts_samples for spec in built.experiment.callbacks)
    return len(built.data.splits.train) if wanted else None
