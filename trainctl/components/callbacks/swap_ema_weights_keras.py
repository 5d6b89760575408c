"""SwapEMAWeights that gives the weights back."""

from __future__ import annotations

from trainctl.aliases import Logs
from trainctl.backend import keras
from trainctl.components.callbacks.swap_ema_weights import SwapEMAWeights
from trainctl.components.context import CallbackContext


class RestoringSwapEMAWeights(keras.callbacks.SwapEMAWeights):
    """Keras's SwapEMAWeights; after a prediction the model has its own weights again (Keras tests for the opposite)."""

    _ema_weights_in_model: bool

    def on_predict_end(self, logs: Logs = None) -> None:
        """Give the weights back."""
        if self._ema_weights_in_model:
            self._swap_variables()
            self._ema_weights_in_model = False


def build(spec: SwapEMAWeights, _context: CallbackContext) -> RestoringSwapEMAWeights:
    """Return Keras's SwapEMAWeights, which also gives the weights back after a prediction."""
    return RestoringSwapEMAWeights(swap_on_epoch=spec.swap_on_epoch)
