"""The user's functions as Keras takes them: under the name that the file gives them, which a saved model finds again."""

from __future__ import annotations

from functools import cache, wraps

from trainctl.aliases import Function, Value
from trainctl.backend import keras
from trainctl.components.user.decorators import UserFunction, line_of, user_function, user_functions
from trainctl.config.model.own_code import PACKAGE


def find_function(name: str) -> Function | None:
    """Return the user's function `name` for Keras; `None` if there is none."""
    function = user_function(name)
    return None if function is None else _registered(function)


def register_functions() -> None:
    """Have a saved model that is loaded find all the user's functions."""
    for function in user_functions():
        _registered(function)


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
