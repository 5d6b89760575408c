"""A custom callback that writes the loss of every n-th batch to a CSV file."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import keras

import trainctl


@trainctl.callback
class BatchMetrics(keras.callbacks.Callback):
    """Write the loss of every n-th batch to a CSV file.

    When a run resumes, the file is truncated to the snapshot, and lines are appended to it.

    Args:
        filename: The file, relative to the run directory.
        every: Batches between two lines.
    """

    def __init__(self, filename: trainctl.GrowingFile, every: int = 1) -> None:
        super().__init__()
        self.path = Path(filename)
        self.every = every
        self.epoch = 0

    def on_train_begin(self, logs: Any = None) -> None:
        """Write the header, unless the run resumes."""
        with self.path.open("a") as file:
            if file.tell() == 0:
                file.write("epoch,batch,loss\n")

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Store the number of the epoch."""
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Write a line every n-th batch."""
        if batch % self.every == 0:
            with self.path.open("a", newline="") as file:
                csv.writer(file).writerow([self.epoch, batch, logs["loss"]])
