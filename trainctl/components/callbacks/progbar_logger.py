"""ProgbarLogger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from trainctl.components.callbacks.shared.monitor import Names
from trainctl.components.context import CallbackContext
from trainctl.components.spec import CallbackSpec, callback

if TYPE_CHECKING:
    from trainctl.backend import keras


@callback("ProgbarLogger")
class ProgbarLogger(CallbackSpec):
    """Set how trainctl's own progress display counts.

    Keras's progress bar is never printed: trainctl shows progress itself.

    Source: keras.callbacks.ProgbarLogger; both arguments are those of Keras 2, which Keras 3 dropped.
    """

    count_mode: Annotated[
        Literal["steps", "samples"], Field(description="Whether to count progress in steps or in samples.")
    ] = "steps"
    stateful_metrics: Annotated[
        Names, Field(description="Metrics to show without averaging; no effect, since Keras 3 averages them itself.")
    ] = ()

    @property
    def counts_samples(self) -> bool:
        """As count_mode says."""
        return self.count_mode == "samples"

    def notes(self) -> Iterator[tuple[str, str]]:
        """That `stateful_metrics` changes nothing any more."""
        if self.stateful_metrics:
            yield (
                "stateful_metrics",
                "Keras 3 averages metrics itself and shows them all; remove this argument",
            )

    def build(self, context: CallbackContext) -> keras.callbacks.Callback:
        """A callback that does nothing: the display reads the setting."""
        import keras

        return keras.callbacks.Callback()
