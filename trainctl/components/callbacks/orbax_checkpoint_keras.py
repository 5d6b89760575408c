"""OrbaxCheckpoint whose failures are reported."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from trainctl.aliases import Logs, Value
from trainctl.backend import keras
from trainctl.components.callbacks.orbax_checkpoint import OrbaxCheckpoint
from trainctl.components.callbacks.shared.checkpoint_keras import BestKept
from trainctl.components.context import CallbackContext


class TellingOrbaxCheckpoint(BestKept, keras.callbacks.OrbaxCheckpoint):
    """Keras's OrbaxCheckpoint; a checkpoint that could not be written in the background is an error at the end.

    Args:
        context: For notices.
        folder: Where it saves, as the person wrote it.
        **arguments: Those of Keras's OrbaxCheckpoint.
    """

    called: ClassVar[str] = "OrbaxCheckpoint"

    def __init__(self, context: CallbackContext, folder: str, **arguments: Value) -> None:
        super().__init__(**arguments)
        self.context = context
        self._folder = folder

    def _save_checkpoint(self, step: int, logs: Logs = None) -> None:
        """Keras's method, noted."""
        super()._save_checkpoint(step=step, logs=logs)
        self.saved = self._folder

    def _is_there(self, saved: str) -> bool:
        folder = Path(self.context.directory, saved)
        return folder.is_dir() and any(each.name.isdigit() for each in folder.iterdir())

    def on_train_end(self, logs: Logs = None) -> None:
        """Wait for what is being written, which raises what went wrong; Keras closes without a word."""
        try:
            self.wait_until_finished()
        finally:
            super().on_train_end(logs)


def build(spec: OrbaxCheckpoint, context: CallbackContext) -> TellingOrbaxCheckpoint:
    """Return Keras's OrbaxCheckpoint, writing into the run directory, with its failures told."""
    return TellingOrbaxCheckpoint(
        context, spec.directory, **spec.model_dump() | {"directory": str(context.output(spec.directory))}
    )
