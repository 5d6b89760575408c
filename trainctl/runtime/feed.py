"""What `fit` is fed with: the splits of the data as pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trainctl.components.dataset import Samples
from trainctl.runtime import pipeline

if TYPE_CHECKING:
    from trainctl.runtime.train import Built


def training_data(built: Built, seed: int, steps: int) -> pipeline.Epochs:
    """The training samples, epochs of `steps` batches in an order that depends on `seed`."""
    train, section = built.data.splits.train, built.experiment.data
    inputs: Any = train.x  # arrays by now: tables are encoded

    def from_step(start: Any) -> Any:
        return pipeline.training(inputs, train.y, section.batch_size, section.shuffle, seed, start)

    return pipeline.Epochs(from_step, steps)


def validation_data(built: Built, *, dry_run: bool) -> Any:
    """The validation samples once, in order; a single batch of them in a dry run, `None` where there are none."""
    samples = built.data.splits.validation
    if samples is None:
        return None
    found = batches(samples, built.experiment.data.batch_size)
    return found.take(1) if dry_run else found


def batches(samples: Samples, batch_size: int) -> Any:
    """The samples once, in order, as a tf.data pipeline."""
    x: Any = samples.x  # arrays by now: tables are encoded
    return pipeline.evaluation(x, samples.y, batch_size)


def counted_samples(built: Built) -> int | None:
    """The samples of an epoch, where a ProgbarLogger wants progress counted in them."""
    modes = [getattr(spec, "count_mode", None) for spec in built.experiment.callbacks]
    return len(built.data.splits.train) if "samples" in modes else None
