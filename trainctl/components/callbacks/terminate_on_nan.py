"""TerminateOnNaN."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from trainctl.components.fields import Boolean
from trainctl.components.spec import CallbackSpec, callback


@callback("TerminateOnNaN")
class TerminateOnNaN(CallbackSpec):
    """Stop training at the first batch whose loss is NaN or infinite.

    The run then fails with exit code 6. Without this callback trainctl finds out at the end of the epoch.

    Source: keras.callbacks.TerminateOnNaN, Keras 3.15.
    """

    raise_error: Annotated[
        Boolean,
        Field(
            description="Whether to stop immediately instead of after the other callbacks; the run fails either way."
        ),
    ] = False

    @property
    def reads_batches(self) -> bool:
        """It looks at the loss of every batch."""
        return True
