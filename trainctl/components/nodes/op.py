"""Op: a function of keras.ops as a node."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from trainctl.components.fields import Text
from trainctl.components.spec import NodeSpec, node


@node("Op")
class Op(NodeSpec):
    """A function of `keras.ops`: `Op: {op: mean, axis: 1}`, where in Python one would write a Lambda layer.

    It takes the outputs that `from:` names as its first arguments, and the others by name, beside `op`.
    """

    op: Annotated[
        Text | None, Field(description="The function's name in keras.ops; null = the node's name.", examples=["mean"])
    ] = None
