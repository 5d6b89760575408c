"""SwapEMAWeights that gives the weights back."""

from __future__ import annotations

from trainctl.aliases import Logs
from trainctl.backend import keras


class RestoringSwapEMAWeights(keras.callbacks.SwapEMAWeights):
    """Keras's SwapEMAWeights; after a prediction the model has its own weights again (Keras tests for the opposite)."""

    _ema_weights_in_model: bool

    def on_predict_end(self, logs: Logs = None) -> None:
        """Give the weights back."""
        if self._ema_weights_in_model:
            self._swap_variables()
            self._ema_weights_in_model = False
