"""BaseLogger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from trainctl.components.callbacks.shared.monitor import Names
from trainctl.components.context import CallbackContext
from trainctl.components.spec import CallbackSpec, callback

if TYPE_CHECKING:
    from trainctl.backend import keras


@callback("BaseLogger")
class BaseLogger(CallbackSpec):
    """Average metrics over an epoch, as Keras 2 did with a callback and Keras 3 does by itself.

    Accepted for old configs; it has no effect.

    Source: keras.callbacks.BaseLogger of Keras 2, gone in Keras 3.
    """

    stateful_metrics: Annotated[Names, Field(description="Metrics that are not averaged; no effect.")] = ()

    def notes(self) -> Iterator[tuple[str, str]]:
        """That Keras 3 averages by itself."""
        yield "", "Keras 3 averages metrics itself; remove this callback"

    def build(self, context: CallbackContext) -> keras.callbacks.Callback:
        """A callback that does nothing."""
        import keras

        return keras.callbacks.Callback()
