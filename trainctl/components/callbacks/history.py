"""History."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from trainctl.components.spec import CallbackSpec, callback


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
