"""The user's functions as Keras takes them: under the name that the file gives them, which a saved model finds again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, wraps

from trainctl.aliases import Function, Value
from trainctl.backend import keras
from trainctl.components.spec import Spec
from trainctl.components.user.callables import GIVEN
from trainctl.components.user.decorators import UserFunction, line_of, user_function, user_functions
from trainctl.config.component import KerasComponent
from trainctl.config.model.graph import GraphNode

PACKAGE = "trainctl"
"""What precedes the name in a saved model, so that it is no other text there: `trainctl>swish2`."""


def find_function(name: str) -> Function | None:
    """Return the user's function `name` for Keras; `None` if there is none."""
    function = user_function(name)
    return None if function is None else _registered(function)


def register_functions() -> None:
    """Have a saved model that is loaded find all the user's functions."""
    for function in user_functions():
        _registered(function)


def functions_in(value: Value) -> Iterator[str]:
    """Yield the names of the user's functions that a model, or what it is compiled with, is made of."""
    match value:
        case KerasComponent():
            yield from [value.name] if value.kind in GIVEN and user_function(value.name) is not None else []
            yield from functions_in(value.arguments)
        case GraphNode():
            yield from functions_in(value.component)
        case Spec():
            yield from functions_in([each for _, each in value])
        case Mapping():
            yield from functions_in(list(value.values()))
        case list() | tuple():
            for each in value:
                yield from functions_in(each)


def loading_words(file: str, names: Iterable[str]) -> str:
    """Return how a saved model with the user's functions is loaded where trainctl is not installed."""
    custom = ", ".join(f'"{PACKAGE}>{name}": {name}' for name in names)
    return f"to load {file} in Keras alone: keras.saving.load_model(file, custom_objects={{{custom}}})"


@cache
def _registered(function: UserFunction) -> Function:
    """The function under its name in the file. Keras saves a function by its name, and needs one of Python's own."""

    @wraps(function.called)
    def called(*args: Value, **kwargs: Value) -> Value:
        try:
            return function.called(*args, **kwargs)
        except (ValueError, TypeError, AttributeError, LookupError, ArithmeticError) as error:
            where = line_of(error, function.called)
            raise ValueError(f"{function.name} failed: {type(error).__name__}: {error}{where}") from error

    called.__name__ = called.__qualname__ = function.name
    keras.saving.register_keras_serializable(PACKAGE, function.name)(called)
    return called
