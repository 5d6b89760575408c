"""Model: a graph of layers, as the experiment's model and as one layer of it."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from trainctl.aliases import Value
from trainctl.components.fields import Boolean, Positive, Slot, Text
from trainctl.components.spec import NodeSpec, Spec, node

LAYER_KINDS = ("layer", "application", "node")
"""What may be in a list of layers."""

BESIDE = ("from", "each", "call", "repeat", "residual", "freeze", "preprocess")
"""The keys that may be beside a component in a list of layers."""
ALONE = ("reuse", "layers", "name")
"""The keys of an item that is not a component: the layer to call again, or a group's layers; and its name."""


Dtype = Literal[
    "bfloat16",
    "float16",
    "float32",
    "float64",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "bool",
    "string",
]


class Input(Spec):
    """One input of a model. Omitted facts come from the data: the array, or the column of a table, of this name."""

    shape: Annotated[
        tuple[Value, ...] | None,
        Field(
            description="The shape of one sample; a null size = any length; the shape of the data if omitted.",
            examples=[[28, 28, 1]],
        ),
    ] = None
    dtype: Annotated[
        Dtype | None, Field(description="The dtype, such as float32, int32 or string; null = the dtype of the data.")
    ] = None
    column: Annotated[
        Text | None,
        Field(description="The column of the table, where it is not called as the input is.", examples=["Age"]),
    ] = None
    array: Annotated[
        Text | None,
        Field(description="The array of the data, where it is not called as the input is.", examples=["X1"]),
    ] = None
    batch_size: Annotated[
        Positive | None,
        Field(description="Samples in every batch, needed by layers with stateful: true; null = any number."),
    ] = None

    @model_validator(mode="after")
    def _column_or_array(self) -> Self:
        if self.column is not None and self.array is not None:
            raise ValueError("set column for a table or array for named arrays, not both")
        return self

    def taken_from(self, name: str) -> str:
        """The column or array of the data that the input called `name` takes."""
        return self.column or self.array or name


class Block(Spec):
    """Layers to be used several times, each time with weights of their own."""

    params: Annotated[
        dict[str, Value],
        Field(
            description="The parameters and their defaults, for ${params.…}; a parameter without a default is required."
        ),
    ] = Field(default_factory=dict)
    layers: Annotated[
        tuple[Value, ...],
        Slot(LAYER_KINDS, many=True),
        Field(min_length=1, description="The layers; `input` is the input of the block."),
    ]


class Graph(Spec):
    """Layers, one after the other unless `from:` says otherwise."""

    inputs: Annotated[
        dict[str, Value],
        Field(
            description="The inputs: a mapping of names to shape, dtype and batch_size, or a list of names; {} = one input, from the data."
        ),
    ] = Field(default_factory=dict)
    blocks: Annotated[dict[str, Value], Field(description="Layers to use several times, by name.")] = Field(
        default_factory=dict
    )
    layers: Annotated[
        tuple[Value, ...],
        Slot(LAYER_KINDS, many=True),
        Field(min_length=1, description="The layers, from input to output."),
    ]
    outputs: Annotated[
        dict[str, Value],
        Field(
            description="The outputs: a list of nodes, or a mapping of names to nodes or to {from: node, label: column}; "
            "{} = the last layer."
        ),
    ] = Field(default_factory=dict)


@node("Model")
class Model(Graph, NodeSpec):
    """A model within the model: one layer made of layers, which can be shared with `reuse:` and frozen as a whole."""

    trainable: Annotated[Boolean, Field(description="Whether to train its weights.")] = True
