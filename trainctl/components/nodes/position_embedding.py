"""PositionEmbedding: adds to each step of a sequence where it stands."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from trainctl.aliases import Value
from trainctl.components.fields import Positive, Slot
from trainctl.components.spec import NodeSpec, node


@node("PositionEmbedding")
class PositionEmbedding(NodeSpec):
    """Adds positions to a sequence (batch, …, length, dim): one vector for each step, learned or of sines and cosines.

    Source of the sines: Vaswani et al., Attention Is All You Need, 2017, section 3.5.
    """

    kind: Annotated[
        Literal["learned", "sinusoidal"],
        Field(description="Learned vectors, or sinusoidal ones: sines and cosines that are fixed."),
    ] = "learned"
    length: Annotated[
        Positive | None, Field(description="The longest sequence; null = the length of the input.", examples=[512])
    ] = None
    initializer: Annotated[Value, Slot(("initializer",)), Field(description="How learned positions begin.")] = (
        "glorot_uniform"
    )
    max_wavelength: Annotated[
        Positive, Field(description="Of sinusoidal positions, the longest wavelength in steps, divided by 2π.")
    ] = 10_000
