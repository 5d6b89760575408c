"""OrbaxCheckpoint whose failures are reported."""

from __future__ import annotations

from trainctl.aliases import Logs
from trainctl.backend import keras
from trainctl.components.callbacks.orbax_checkpoint import OrbaxCheckpoint
from trainctl.components.callbacks.shared.checkpoint_keras import BestKept
from trainctl.components.context import CallbackContext


class TellingOrbaxCheckpoint(BestKept, keras.callbacks.OrbaxCheckpoint):
    """Keras's OrbaxCheckpoint; a checkpoint that could not be written in the background is an error at the end.

    Args:
        **arguments: Those of Keras's OrbaxCheckpoint.
    """

    def on_train_end(self, logs: Logs = None) -> None:
        """Wait for what is being written, which raises what went wrong; Keras closes without a word."""
        try:
            self.wait_until_finished()
        finally:
            super().on_train_end(logs)


def build(spec: OrbaxCheckpoint, context: CallbackContext) -> TellingOrbaxCheckpoint:
    """Return Keras's OrbaxCheckpoint, writing into the run directory, with its failures told."""
    return TellingOrbaxCheckpoint(**spec.model_dump() | {"directory": str(context.output(spec.directory))})
