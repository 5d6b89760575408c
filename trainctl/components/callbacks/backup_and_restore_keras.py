"""BackupAndRestore on the run's own snapshots."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import ClassVar

from trainctl.aliases import Logs
from trainctl.backend import keras
from trainctl.components.callbacks.backup_and_restore import POINTER, BackupAndRestore
from trainctl.components.context import CallbackContext, Ending
from trainctl.files import write_whole


class SnapshotBackup(keras.callbacks.Callback):
    """Asks for snapshots, and keeps a note of the run for the next `trainctl run`.

    Args:
        context: For the folder, the snapshots and the run's end.
        pointer: The file that names the run, as it is written.
        save_freq: `epoch`, or batches between two snapshots.
        delete: Whether the note is removed once training has come to its end.
    """

    called: ClassVar[str] = "BackupAndRestore"

    def __init__(self, context: CallbackContext, pointer: str, save_freq: str | int, *, delete: bool) -> None:
        super().__init__()
        self._context = context
        self._pointer = context.output(pointer)
        self._every = save_freq if isinstance(save_freq, int) else None
        self._saved = 0
        if delete and context.run_id is not None:  # a check or a dry run is not the run that is remembered
            context.endings.ask(self._ended)

    def on_train_begin(self, logs: Logs = None) -> None:
        """Remember the run."""
        self._saved = self._steps()
        if self._context.run_id is not None:
            write_whole(self._pointer, (json.dumps({"run": str(self._context.directory)}) + "\n").encode())

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Ask for a snapshot every so many batches."""
        if self._every is not None and self._steps() // self._every > self._saved // self._every:
            self._saved = self._steps()
            self._context.snapshots.ask()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Ask for a snapshot after each epoch."""
        if self._every is None:
            self._context.snapshots.ask()

    def _ended(self, ending: Ending, _metrics: Mapping[str, float]) -> None:
        """Forget the run where it came to its end; what else lies in the folder is left."""
        if ending == "done":
            self._pointer.unlink(missing_ok=True)

    def _steps(self) -> int:
        return int(keras.ops.convert_to_numpy(self.model.optimizer.iterations))


def build(spec: BackupAndRestore, context: CallbackContext) -> SnapshotBackup:
    """Return a callback that asks for snapshots of the run, and remembers which run that is."""
    return SnapshotBackup(context, f"{spec.backup_dir}/{POINTER}", spec.save_freq, delete=spec.delete_checkpoint)
