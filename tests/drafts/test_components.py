"""Components as Keras saves them, written as in an experiment: what is written builds the same."""

from __future__ import annotations

from typing import Any

import pytest
from catalog_builds import BUILDS

from trainctl import catalog
from trainctl.config.component import KerasComponent
from trainctl.drafts.components import ComponentWriter, is_automatic

# Keras's own files do not hold these: it refuses the range that it writes, or takes an object in place of arguments.
NOT_SAVED = {"RandomShear", "MultiOptimizer", "Input", "InputLayer"}


def component(kind: str, name: str, arguments: dict[str, Any]) -> KerasComponent:
    entry = catalog.find(kind, name)
    assert entry is not None
    kinds = {each.name: each.kinds for each in entry.parameters}
    return KerasComponent(kind, name, {key: _value(kinds.get(key, ()), value) for key, value in arguments.items()})


def _value(kinds: tuple[str, ...], value: Any) -> Any:
    match value:
        case dict() if len(value) == 1 and next(iter(value))[:1].isupper():
            [(name, arguments)] = value.items()
            kind = next(kind for kind in (*kinds, *catalog.KINDS) if catalog.find(kind, name))
            return component(kind, name, arguments)
        case list():
            return [_value(kinds, each) for each in value]
        case str() if value[:1].isupper() and any(catalog.find(kind, value) for kind in kinds):
            return _value(kinds, {value: {}})
    return value


def _bare(value: Any) -> Any:
    """A saved config without names, which are counted up, and without marks of shared objects."""
    if isinstance(value, dict):
        return {
            key: _bare(each) for key, each in value.items() if key not in {"name", "shared_object_id", "build_config"}
        }
    return [_bare(each) for each in value] if isinstance(value, list | tuple) else value


@pytest.mark.tf
def test_what_is_written_of_any_component_builds_the_same() -> None:
    import keras

    from trainctl.models.build import instantiate

    tried = 0
    for kind, name, arguments in BUILDS:
        if kind == "application" or name in NOT_SAVED:
            continue
        saved = keras.saving.serialize_keras_object(instantiate(component(kind, name, arguments)))
        if not isinstance(saved, dict):
            continue
        writer = ComponentWriter(lambda _: None)
        written = writer.written(saved, (kind,))
        assert writer.notes == []
        [(word, own)] = written.items() if isinstance(written, dict) else [(written, {})]
        again = instantiate(component(kind, catalog.stands_for(kind, word) or word, own))
        assert _bare(keras.saving.serialize_keras_object(again)["config"]) == _bare(saved["config"]), (name, written)
        assert len(own) <= len(arguments) + 1, (name, written)
        tried += 1
    assert tried > 100


def test_names_that_keras_gives() -> None:
    assert all(is_automatic(name, "Conv2D") for name in ("conv2d", "conv2d_7", "stage_1.conv2d"))
    assert not any(is_automatic(name, "Conv2D") for name in ("conv2d_block", "stem", "conv2d_1_bn"))
    assert is_automatic("functional_3", "Functional")


def test_what_holds_code_is_noted() -> None:
    writer = ComponentWriter(lambda _: None)
    code = {"class_name": "__lambda__", "config": {"value": "…"}}
    saved = {"module": "keras.layers", "class_name": "Lambda", "config": {"name": "double", "function": code}}
    assert writer.written(saved, ("layer",)) == "Lambda"
    assert [note.is_problem for note in writer.notes] == [True]
    writer.notes.clear()
    own = {"module": "shop.layers", "class_name": "Gate", "config": {"units": 4}, "registered_name": "shop>Gate"}
    assert writer.written(own, ("layer",)) == {"Gate": {"units": 4}}
    assert "shop>Gate" in writer.notes[0].text
    assert "@trainctl.layer" in str(writer.notes[0].hint)
