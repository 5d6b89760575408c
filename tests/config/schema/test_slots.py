"""Places for components in the published schema: tried over every kind."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft7Validator

from trainctl import catalog
from trainctl.components.spec import REGISTRIES
from trainctl.config.schema.definitions import Definitions, with_plain_references
from trainctl.config.schema.slots import bare_names, bodies, component, slot


def is_valid(schema: dict[str, Any], definitions: Definitions, instance: Any) -> bool:
    return Draft7Validator(with_plain_references({**schema, "definitions": definitions.sorted()})).is_valid(instance)


@pytest.mark.parametrize("kind", [kind for kind in (*catalog.KINDS, *REGISTRIES) if kind not in {"op", "node"}])
def test_what_requires_nothing_may_stand_alone(kind: str) -> None:
    definitions = Definitions()
    schema = slot(definitions, (kind,))
    for name in bare_names((kind,)):
        assert is_valid(schema, definitions, name), name
        assert is_valid(schema, definitions, {name: None}), name
    for name in set(bodies(Definitions(), (kind,))) - set(bare_names((kind,))):
        assert not is_valid(schema, definitions, name), name
    assert not is_valid(schema, definitions, "NoSuchThing")


@pytest.mark.parametrize(
    ("arguments", "valid"),
    [
        ({"patience": 3}, True),
        ({"patience": "${vars.n}"}, True),
        (None, True),
        ({"patience": "soon"}, False),
        ({"patient": 3}, False),
    ],
)
def test_arguments(arguments: Any, valid: bool) -> None:
    definitions = Definitions()
    assert is_valid(component(definitions, "callback", "EarlyStopping"), definitions, arguments) is valid


def test_a_component_that_amends_another_may_leave_out_what_is_required() -> None:
    definitions = Definitions()
    whole = component(definitions, "callback", "ModelCheckpoint")
    amending = component(definitions, "callback", "ModelCheckpoint", amends=True)
    assert [is_valid(each, definitions, {"save_freq": 3}) for each in (whole, amending)] == [False, True]


def test_null_may_stand_where_it_is_listed() -> None:
    definitions = Definitions()
    schema = slot(definitions, ("regularizer",), ("null",))
    assert is_valid(schema, definitions, None)
    assert not is_valid(slot(definitions, ("regularizer",)), definitions, None)
