"""BackupAndRestore."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

from trainctl.components.callbacks.shared.monitor import Frequency
from trainctl.components.fields import Boolean, OutputFile
from trainctl.components.spec import CALLBACKS, CallbackSpec, callback

POINTER = "trainctl-run.json"
"""The file in the backup folder that names the run."""


@callback("BackupAndRestore")
class BackupAndRestore(CallbackSpec):
    """Continue after an interruption, with everything that the Keras callback restores and what it loses.

    It rests on the run's own snapshots: the state of every callback, the position in the data and the random numbers
    are restored, no batch is trained twice, and nothing is deleted that it did not write. `trainctl resume RUN` goes on
    without this callback too; with an absolute `backup_dir`, `trainctl run` of the same config continues by itself.

    Source: keras.callbacks.BackupAndRestore, Keras 3.15.
    """

    only_adds: ClassVar[bool] = True
    removed: ClassVar[Mapping[str, str]] = {
        "save_before_preemption": "every run takes a snapshot on SIGTERM; remove this argument",
    }

    backup_dir: Annotated[
        OutputFile,
        Field(description="The folder that stores which run to continue; the next trainctl run finds an absolute one."),
    ]
    save_freq: Annotated[
        Frequency,
        Field(description="When to take a snapshot: epoch = after each epoch, a number = after that many batches."),
    ] = "epoch"
    double_checkpoint: Annotated[
        Boolean, Field(description="Whether to keep the snapshot before the last too; always on.")
    ] = False
    delete_checkpoint: Annotated[
        Boolean, Field(description="Whether to remove the backup once training has finished.")
    ] = True

    @property
    def reads_batches(self) -> bool | None:
        """Its batch hook only counts, and only where it saves within the epoch."""
        return None if isinstance(self.save_freq, int) else False

    @property
    def run_pointer(self) -> str | None:
        """The file in an absolute folder; a relative one is new in each run."""
        return str(Path(self.backup_dir, POINTER)) if Path(self.backup_dir).is_absolute() else None

    def defeated_by(self, later: CallbackSpec) -> str | None:
        """Return the reason if `later` changes state at the end of an epoch after the snapshot."""
        changes = later.controls_learning_rate or later.may_stop
        return f"it saves the state before {later.name_in_yaml} changes it" if changes else None

    def outputs(self) -> Iterator[tuple[str, str]]:
        """Yield the folder."""
        yield "backup_dir", self.backup_dir


CALLBACKS.register("experimental.BackupAndRestore")(BackupAndRestore)
