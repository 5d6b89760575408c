"""Lists of layers in the published schema: a component, a block, a group, or a layer called again."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft7Validator

from trainctl.config.experiment import ModelSection
from trainctl.config.schema.definitions import Definitions, with_plain_references
from trainctl.config.schema.slots import field


@pytest.fixture(scope="module")
def layers() -> Draft7Validator:
    definitions = Definitions()
    schema = field(definitions, ModelSection, "layers")
    return Draft7Validator(with_plain_references({**schema, "definitions": definitions.sorted()}))


@pytest.mark.parametrize(
    "item",
    [
        "Flatten",
        "my_block",
        "${vars.layer}",
        {"Dense": {"units": 3}},
        {"Dense": {"units": "${data.num_classes}"}, "from": ["a", "b"], "repeat": 3},
        {"my_block": {"units": 3}},
        {"layers": ["Flatten"], "residual": True},
        {"reuse": "encoder", "name": "again"},
        {"Model": {"layers": [{"Dense": {"units": 3}}]}},
    ],
)
def test_what_may_stand_in_the_list(layers: Draft7Validator, item: Any) -> None:
    assert layers.is_valid([item])


@pytest.mark.parametrize(
    "item",
    [
        "Dense",
        3,
        {},
        {"Dense": {"unit": 3}},
        {"Dense": {"units": 3}, "form": "a"},
        {"Dense": {"units": 3}, "Flatten": None},
        {"Model": {"layers": [{"Dense": {"unit": 3}}]}},
    ],
)
def test_what_may_not(layers: Draft7Validator, item: Any) -> None:
    assert not layers.is_valid([item])


def test_a_list_has_layers(layers: Draft7Validator) -> None:
    assert not layers.is_valid([])
    assert layers.is_valid("${vars.layers}")
