"""What the callbacks that save the model share: fields, and when they watch a metric."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from trainctl.components.callbacks.shared.monitor import Frequency, MonitorSpec, Verbose
from trainctl.components.fields import Boolean, Number
from trainctl.components.moment import Moment


class CheckpointSpec(MonitorSpec):
    """A callback that saves the model each epoch, every so many batches, or whenever a metric is better than ever."""

    describes_files: ClassVar[bool] = True

    verbose: Verbose = 0
    save_best_only: Annotated[
        Boolean, Field(description="Whether to save only a model that is better than all before.")
    ] = False
    save_freq: Annotated[
        Frequency,
        Field(description="When to save: epoch = after each epoch, a number = after that many batches."),
    ] = "epoch"
    initial_value_threshold: Annotated[
        Number | None, Field(description="Save only if the metric is better than this value.")
    ] = None

    @property
    def reads_batches(self) -> bool:
        """Only where it saves within the epoch."""
        return self.save_freq != "epoch"

    @property
    def saves_every_batches(self) -> int | None:
        """The number that `save_freq` is."""
        return self.save_freq if isinstance(self.save_freq, int) else None

    def moment(self, field: str) -> Moment:
        """After a batch, where `save_freq` is a number of them."""
        del field
        return Moment.EPOCH_END if self.save_freq == "epoch" else Moment.BATCH_END

    def monitored(self) -> Iterator[tuple[str, str]]:
        """The metric, which matters only where the best model is kept."""
        return super().monitored() if self.save_best_only else iter(())
