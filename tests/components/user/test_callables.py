"""Functions in place of components: accepted in every argument where Keras takes one that fits, refused elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from trainctl import catalog
from trainctl.components.user import decorators
from trainctl.components.user.callables import GIVEN, functions_of
from trainctl.config.component import KerasComponent
from trainctl.config.text.document import parse
from trainctl.config.validate import _Validator
from trainctl.diagnostics import Source

ARITIES: dict[str, Callable[..., object]] = {
    "of_none": lambda: None,
    "of_one": lambda x: x,
    "of_shape": lambda shape, dtype=None: (shape, dtype),
    "of_two": lambda y_true, y_pred: (y_true, y_pred),
}
FITTING = {"activation": "of_one", "regularizer": "of_one", "constraint": "of_one", "initializer": "of_shape"}
SLOTS = [
    (kind, name, parameter)
    for kind in ("layer", "metric", "optimizer", "application")
    for name in catalog.names(kind)
    if (entry := catalog.find(kind, name)) is not None
    for parameter in entry.parameters
]


@pytest.fixture(autouse=True)
def functions(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {name: decorators.UserFunction(name, called) for name, called in ARITIES.items()}
    monkeypatch.setattr(decorators, "_FUNCTIONS", known)


def argument(kind: str, name: str, parameter: catalog.Parameter, function: str) -> object:
    """What validation makes of a function as an argument, and its problems."""
    validator = _Validator()
    entry = catalog.find(kind, name)
    assert entry is not None
    node = parse(Source("a.yaml", f"a: {function}", Path())).value["a"]
    value = validator._argument(entry, parameter, node, "a")  # the rule is tried over every argument
    return None if validator.problems else value


def test_every_slot_of_keras_takes_the_functions_that_fit_and_no_other() -> None:
    kinds = {"activation", "regularizer", "constraint", "initializer"}
    slots = [slot for slot in SLOTS if kinds & set(slot[2].kinds)]
    assert len(slots) > 300
    for kind, name, parameter in slots:
        wanted = next(each for each in parameter.kinds if each in kinds)
        for function in ARITIES:
            found = argument(kind, name, parameter, function)
            where = f"{name}.{parameter.name}: {function}"
            if function == FITTING[wanted] or (function == "of_shape" and FITTING[wanted] == "of_one"):
                assert isinstance(found, KerasComponent), where
                assert (found.kind, found.name) == (wanted, function), where
            else:
                assert found is None, where


def test_no_other_argument_takes_a_function() -> None:
    slots = [slot for slot in SLOTS if not slot[2].kinds]
    taking = {f"{name}.{parameter.name}" for _, name, parameter in slots if parameter.takes_function}
    assert taking == {"TextVectorization.standardize", "TextVectorization.split"}
    for kind, name, parameter in slots:
        found = argument(kind, name, parameter, "of_one")
        assert isinstance(found, KerasComponent) is parameter.takes_function, f"{name}.{parameter.name}"


def test_a_name_of_keras_means_keras(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(decorators._FUNCTIONS, "relu", decorators.UserFunction("relu", lambda x: x))
    assert "relu" not in list(functions_of("activation"))
    [slot] = [each for each in SLOTS if each[1] == "Dense" and each[2].name == "activation"]
    assert argument(*slot, "relu") is None


def test_the_functions_of_a_kind_are_those_that_fit() -> None:
    of_one, of_two, of_shape = {"of_one", "of_shape"}, {"of_shape", "of_two"}, {"of_shape"}
    assert {kind: set(functions_of(kind)) for kind in GIVEN} == {
        "activation": of_one,
        "constraint": of_one,
        "initializer": of_shape,
        "loss": of_two,
        "metric": of_two,
        "regularizer": of_one,
    }
