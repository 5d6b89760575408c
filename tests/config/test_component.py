"""A component of Keras as a value: frozen, walked at any depth."""

from __future__ import annotations

import dataclasses

import pytest

from trainctl.config.component import KerasComponent, walk_components


def test_it_is_frozen_and_equal_by_value() -> None:
    assert KerasComponent("layer", "Dense", {"units": 3}) == KerasComponent("layer", "Dense", {"units": 3})
    with pytest.raises(dataclasses.FrozenInstanceError):
        KerasComponent("layer", "Dense").name = "Flatten"  # type: ignore[misc]


def test_its_kind_and_arguments_can_be_matched() -> None:
    schedule = KerasComponent("schedule", "CosineDecay")
    match KerasComponent("optimizer", "Adam", {"learning_rate": schedule}):
        case KerasComponent(arguments={"learning_rate": KerasComponent(name=name)}):
            assert name == "CosineDecay"
        case _:
            pytest.fail("no match")


@pytest.mark.parametrize("holder", [list, tuple, lambda items: dict(enumerate(items))])
def test_components_in_any_holder_are_walked(holder: type) -> None:
    first, second = KerasComponent("layer", "A"), KerasComponent("layer", "B")
    assert list(walk_components(holder([first, "text", second]))) == [first, second]
