"""The user's functions where Keras takes a function in place of a component: an activation, an initializer, a metric …"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping

from trainctl import catalog
from trainctl.components.user.decorators import UserFunction, user_function, user_functions
from trainctl.text import one_of

GIVEN: Mapping[str, tuple[str, ...]] = {
    "activation": ("x",),
    "constraint": ("weights",),
    "initializer": ("shape", "dtype"),
    "loss": ("y_true", "y_pred"),
    "metric": ("y_true", "y_pred"),
    "regularizer": ("weights",),
}
"""The kinds of components in whose place a function may be, each with what Keras calls it with."""

OF_A_TENSOR = "activation"
"""The kind of a function in place of a plain value: it is called as an activation is."""

_BY_NAME = frozenset({"dtype"})


def function_for(kinds: Iterable[str], name: str) -> tuple[str, UserFunction] | None:
    """Return the user's function `name` and the first of `kinds` in whose place it may be, whatever it takes; or `None`."""
    function = user_function(name)
    kind = next((each for each in kinds if each in GIVEN), None)
    return (kind, function) if function is not None and kind is not None else None


def misfit(kind: str, function: UserFunction) -> tuple[str, str] | None:
    """Return why a function cannot be in place of a component, and what to do; `None` if it can."""
    if catalog.kinds_of(function.name):
        return f"'{function.name}' is also a name of Keras's", "choose another name with @trainctl.function(name=…)"
    given = GIVEN[kind]
    if _takes(function, given):
        return None
    called = f"{function.name}{_signature(function)}"
    return f"{called} cannot be called with ({', '.join(given)})", f"Keras calls it here with {one_of(given, 'and')}"


def functions_of(kind: str) -> Iterator[str]:
    """Yield the names of the functions that may be in place of a component of this kind."""
    yield from (each.name for each in user_functions() if kind in GIVEN and misfit(kind, each) is None)


def _takes(function: UserFunction, given: tuple[str, ...]) -> bool:
    try:
        signature = inspect.signature(function.called)
        by_name = {name: None for name in given if name in _BY_NAME}
        signature.bind(*[None] * (len(given) - len(by_name)), **by_name)
    except (TypeError, ValueError):
        return False
    return True


def _signature(function: UserFunction) -> str:
    try:
        return f"({', '.join(inspect.signature(function.called).parameters)})"
    except (TypeError, ValueError):  # one written in C
        return ""
