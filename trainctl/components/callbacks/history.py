"""History."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from trainctl.components.context import CallbackContext
from trainctl.components.spec import CallbackSpec, callback

if TYPE_CHECKING:
    from trainctl.backend import keras


@callback("History")
class History(CallbackSpec):
    """Keep each epoch's metrics.

    Every run does, in metrics.jsonl and history.png; naming it changes nothing.

    Source: keras.callbacks.History, Keras 3.15.
    """

    state_attributes: ClassVar[tuple[str, ...]] = ("history", "epoch")

    def notes(self) -> Iterator[tuple[str, str]]:
        """That every run keeps a history."""
        yield "", "every run records its history in metrics.jsonl and history.png; remove this callback"

    def build(self, context: CallbackContext) -> keras.callbacks.Callback:
        """Keras's History."""
        import keras

        return keras.callbacks.History()
