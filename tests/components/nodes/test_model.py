"""Model, as a layer: its layers, inputs, blocks and outputs."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from trainctl.components.nodes.model import ALONE, BESIDE, Block, Graph, Input, Model
from trainctl.components.spec import NODES


def test_it_needs_layers() -> None:
    with pytest.raises(ValidationError):
        Model(layers=())
    assert Model(layers=("a",)).trainable is True


@pytest.mark.parametrize("given", [{"dtype": "float31"}, {"batch_size": 0}, {"size": [1]}])
def test_an_input_is_of_a_known_type_and_size(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Input.model_validate(given)


def test_what_is_left_out_of_an_input_comes_from_the_data() -> None:
    assert Input().model_dump() == {"shape": None, "dtype": None, "batch_size": None, "array": None, "column": None}


def test_words_beside_a_component_are_no_arguments_of_a_model() -> None:
    assert not {*BESIDE, "reuse"} & set(Graph.model_fields)
    assert set(ALONE) & set(Model.model_fields) == {"layers", "name"}
    assert set(Block.model_fields) == {"params", "layers"}
    assert NODES.get("Model") is Model
