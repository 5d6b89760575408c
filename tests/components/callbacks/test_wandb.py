"""The spec of Wandb; tests/extras drives the real package."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from trainctl.components.callbacks.wandb import Wandb


def test_it_needs_an_extra_of_its_name() -> None:
    assert Wandb.extra.name == "wandb"


@pytest.mark.parametrize("arguments", [{"mode": "dryrun"}, {"timeout": 0}, {"project": ""}, {"tags": [1]}])
def test_what_the_service_could_not_take_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Wandb(**arguments)


def test_tags_of_yaml_are_a_list() -> None:
    assert Wandb.model_validate({"tags": ["a", "b"]}).tags == ("a", "b")
