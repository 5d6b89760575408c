"""The catalog reads Keras's source; here it meets the live Keras: same names, same signatures, nothing refused."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import pytest
from catalog_builds import BUILDS, REFUSED
from jsonschema import Draft202012Validator

from trainctl.catalog import KINDS, MISSING, Entry, Parameter, find, identifiers, names
from trainctl.catalog.extensions import EXTENSIONS
from trainctl.catalog.identifiers import BROKEN, COMPILE_WORDS
from trainctl.catalog.kinds import BASES, MODULES

pytestmark = pytest.mark.tf

OURS = {(each.kind, each.name) for each in EXTENSIONS}  # tests/catalog/test_extensions.py
ENTRIES = [(kind, name) for kind in KINDS for name in names(kind) if (kind, name) not in OURS]


def label(case: Any) -> str | None:
    return str(case) if isinstance(case, str | dict) else None


def entry_of(kind: str, name: str) -> Entry:
    entry = find(kind, name)
    assert entry is not None, f"no {kind} {name}"
    return entry


def live(entry: Entry) -> Any:
    return getattr(importlib.import_module(entry.module), entry.name)


def component(parameter: Parameter, value: Any) -> Entry | None:
    """The entry that `value` names where `parameter` takes components."""
    name = next(iter(value), None) if isinstance(value, dict) and len(value) == 1 else value
    found = (find(kind, name) for kind in parameter.kinds if isinstance(name, str))
    return next((entry for entry in found if entry), None)


def accepts(parameter: Parameter, value: Any) -> bool:
    if component(parameter, value):
        return all(accepted(component(parameter, value), value.values() if isinstance(value, dict) else ()))
    if parameter.kinds and isinstance(value, list):
        return accepts_plain(parameter, value) and all(accepts(parameter, each) for each in value)
    return accepts_plain(parameter, value)


def accepts_plain(parameter: Parameter, value: Any) -> bool:
    return bool(Draft202012Validator(dict(parameter.schema)).is_valid(as_yaml(value)))


def accepted(entry: Entry | None, arguments: Any) -> list[bool]:
    assert entry is not None
    pairs = [(entry.parameter(name), value) for given in arguments for name, value in given.items()]
    return [parameter is not None and accepts(parameter, value) for parameter, value in pairs]


def as_yaml(value: Any) -> Any:
    return [as_yaml(each) for each in value] if isinstance(value, tuple | list) else value


def build(entry: Entry, arguments: dict[str, Any]) -> Any:
    return live(entry)(**{name: built(entry.parameter(name), value) for name, value in arguments.items()})


def built(parameter: Parameter | None, value: Any) -> Any:
    if parameter is None or not parameter.kinds:
        return value
    if isinstance(value, list):
        return [built(parameter, each) for each in value]
    entry = component(parameter, value)
    if entry is None or entry.kind == "activation":
        return value
    return build(entry, *value.values()) if isinstance(value, dict) else build(entry, {})


@pytest.mark.parametrize(("kind", "name"), ENTRIES)
def test_the_signature_is_the_live_one(kind: str, name: str) -> None:
    entry = entry_of(kind, name)
    target = live(entry)
    signature = inspect.signature(target.__init__ if inspect.isclass(target) else target)
    for parameter in signature.parameters.values():
        if parameter.name == "self" or parameter.kind in {parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL}:
            continue
        ours = entry.parameter(parameter.name)
        assert ours is not None, parameter.name
        assert ours.required == (parameter.default is parameter.empty), parameter.name
        assert ours.default is MISSING or ours.default == parameter.default, parameter.name
    assert len({parameter.name for parameter in entry.parameters}) == len(entry.parameters)


@pytest.mark.parametrize(("kind", "name"), ENTRIES)
def test_every_default_is_accepted_by_its_own_schema(kind: str, name: str) -> None:
    for parameter in entry_of(kind, name).parameters:
        Draft202012Validator.check_schema(dict(parameter.schema))
        assert parameter.default is MISSING or accepts(parameter, parameter.default), parameter


@pytest.mark.parametrize(("kind", "name", "arguments"), BUILDS, ids=label)
def test_what_keras_builds_is_accepted(kind: str, name: str, arguments: dict[str, Any]) -> None:
    entry = entry_of(kind, name)
    assert build(entry, arguments) is not None
    refused = [key for key, fits in zip(arguments, accepted(entry, [arguments]), strict=True) if not fits]
    assert refused == []


@pytest.mark.parametrize(("kind", "name", "arguments"), REFUSED, ids=label)
def test_what_is_refused_keras_refuses_too(kind: str, name: str, arguments: dict[str, Any]) -> None:
    entry = entry_of(kind, name)
    assert not all(accepted(entry, [arguments]))
    with pytest.raises((TypeError, ValueError)):
        build(entry, arguments)


def needed(kind: str, name: str) -> dict[str, Any] | None:
    """Arguments with which it can be built, or `None` where none are known."""
    known = next((arguments for k, n, arguments in BUILDS if (k, n) == (kind, name)), None)
    required = any(parameter.required for parameter in entry_of(kind, name).parameters)
    return known if known is not None or required else {}


@pytest.mark.parametrize(
    ("kind", "name"),
    [(kind, name) for kind, name in ENTRIES if kind != "application" and needed(kind, name) is not None],
)
def test_arguments_from_kwargs_are_really_taken(kind: str, name: str) -> None:
    entry = entry_of(kind, name)
    target = live(entry)
    listed = inspect.signature(target.__init__ if inspect.isclass(target) else target).parameters
    hidden = {p.name: p.default for p in entry.parameters if p.name not in listed and p.default is not MISSING}
    assert build(entry, {**(needed(kind, name) or {}), **hidden}) is not None


@pytest.mark.parametrize(
    "kind", ["optimizer", "loss", "metric", "initializer", "regularizer", "constraint", "activation"]
)
def test_every_identifier_is_accepted(kind: str) -> None:
    get = importlib.import_module(MODULES[kind]).get
    for identifier in identifiers(kind):
        if identifier not in COMPILE_WORDS.get(kind, ()):
            assert callable(get(identifier)) or kind == "optimizer", identifier


@pytest.mark.parametrize(
    "kind", ["optimizer", "loss", "metric", "initializer", "regularizer", "constraint", "activation"]
)
def test_no_identifier_is_missing(kind: str) -> None:
    module = importlib.import_module(MODULES[kind].replace("keras", "keras.src", 1))
    known = {*identifiers(kind), *names(kind), *BASES}
    for identifier, target in module.ALL_OBJECTS_DICT.items():
        if identifier in {*known, *BROKEN} or target.__name__ in {*BASES, "LossFunctionWrapper"}:
            continue
        entry = find(kind, identifier)  # left out because it cannot be made from a string
        assert entry is not None
        assert any(parameter.required for parameter in entry.parameters), identifier


def test_what_is_broken_still_is() -> None:
    for identifier in BROKEN:
        with pytest.raises(KeyError):
            importlib.import_module("keras.initializers").get(identifier)


def test_compile_knows_its_words() -> None:
    import keras
    import numpy as np

    for word in COMPILE_WORDS["loss"]:
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid")])
        model.compile(loss=word, metrics=list(COMPILE_WORDS["metric"]))
        loss, *metrics = model.evaluate(np.zeros((2, 2)), np.zeros((2, 1)), verbose=0)
        assert loss == pytest.approx(0.6931, abs=1e-3)
        assert len(metrics) == len(COMPILE_WORDS["metric"])


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "activation"])
def test_no_public_class_is_missing(kind: str) -> None:
    module = importlib.import_module(MODULES[kind])
    public = {name for name in dir(module) if name[0].isupper() and callable(getattr(module, name))}
    assert public - set(names(kind)) <= BASES
