"""History of what a snapshot can hold."""

from __future__ import annotations

from trainctl.components.callbacks.history import History
from trainctl.components.callbacks.shared.logs_keras import NumberHistory
from trainctl.components.context import CallbackContext


def build(_spec: History, _context: CallbackContext) -> NumberHistory:
    """Return Keras's History, of what is a number."""
    return NumberHistory()
