"""What `fit` is fed with: the splits of the data as pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trainctl.runtime import pipeline

if TYPE_CHECKING:
    from trainctl.runtime.train import Built


def training_data(built: Built, steps: int) -> pipeline.Epochs:
    """The training samples, epochs of `steps` batches."""
    return pipeline.Epochs(built.data.training, steps)


def validation_data(built: Built, *, dry_run: bool) -> Any:
    """The validation samples once, in order; a single batch of them in a dry run, `None` where there are none."""
    samples = built.data.splits.validation
    if samples is None:
        return None
    found = built.data.evaluation(samples)
    return found.take(1) if dry_run else found


def counted_samples(built: Built) -> int | None:
    """The samples of an epoch, where a ProgbarLogger wants progress counted in them."""
    modes = [getattr(spec, "count_mode", None) for spec in built.experiment.callbacks]
    return len(built.data.splits.train) if "samples" in modes else None
