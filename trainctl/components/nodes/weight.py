"""Weight: a learned parameter as a node."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from trainctl.aliases import Value
from trainctl.components.fields import Boolean, Positive, Slot
from trainctl.components.spec import NodeSpec, node


@node("Weight")
class Weight(NodeSpec):
    """A learned parameter that depends on no input, the same for each sample: a class token, prototypes, queries.

    Its output has shape (batch, *shape). Of the layer above, or the node that `from:` names, it takes the number of samples.
    """

    shape: Annotated[
        tuple[Positive, ...],
        Field(min_length=1, description="The shape of the parameter, without the batch.", examples=[[1, 64]]),
    ]
    initializer: Annotated[Value, Slot(("initializer",)), Field(description="How it begins.")] = "glorot_uniform"
    regularizer: Annotated[Value, Slot(("regularizer",)), Field(description="A penalty on its values.")] = None
    trainable: Annotated[Boolean, Field(description="Whether to train it.")] = True
