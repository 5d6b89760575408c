"""RemoteMonitor."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from trainctl.components.fields import Boolean, Number, Text
from trainctl.components.spec import CallbackSpec, callback


def _from_the_root(path: str) -> str:
    """The path with the slash that parts it from the address."""
    return path if path.startswith("/") or not path else f"/{path}"


@callback("RemoteMonitor")
class RemoteMonitor(CallbackSpec):
    """Send each epoch's metrics to a server by HTTP POST.

    Training goes on when the server cannot be reached, is slow or answers with an error; one notice says so. Put a secret
    into a header as `${env:TOKEN}`: it is never written to disk or screen.

    Source: keras.callbacks.RemoteMonitor, Keras 3.15; `timeout` is trainctl's, since Keras waits for ever.
    """

    keras_logs: ClassVar[bool] = True

    root: Annotated[Text, Field(pattern=r"^https?://", description="The server's address.")] = "http://localhost:9000"
    path: Annotated[
        Text, AfterValidator(_from_the_root), Field(description="The path on the server that receives the metrics.")
    ] = "/publish/epoch/end/"
    field: Annotated[Text, Field(description="The form field that holds the metrics as JSON.")] = "data"
    headers: Annotated[dict[str, Text] | None, Field(description="HTTP headers to send.")] = None
    send_as_json: Annotated[Boolean, Field(description="Whether to send JSON instead of a form.")] = False
    timeout: Annotated[Number, Field(gt=0, description="Seconds to wait for the server.")] = 2.0
