"""Signature: the arguments that a class or function accepts, those that `**kwargs` hands to its bases included."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Final

from trainctl.aliases import Value
from trainctl.catalog.source import Definition, Library

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Taken from **kwargs only to warn, to refuse, or to rebuild a saved layer: nothing to write in a new experiment.
LEGACY = frozenset(
    {
        "batch_input_shape",
        "decay",
        "dynamic",
        "has_input_vocabulary",
        "input_dim",
        "input_length",
        "input_shape",
        "vocabulary_size",
    }
)


class Missing(Enum):
    """The type of `MISSING`, so that `None` stays a default like any other."""

    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing.MISSING


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument as written in Python.

    Args:
        name: Its name.
        owner: The class or function whose signature lists it.
        default: The expression of its default; `None` if it has none.
        required: Whether a call without it fails.
    """

    name: str
    owner: Definition
    default: ast.expr | None
    required: bool


def arguments(library: Library, definition: Definition) -> tuple[Argument, ...]:
    """Return all arguments that can be given by name, in the order of the signatures, nearest class first."""
    if isinstance(definition.node, ast.FunctionDef):
        return tuple(_list_parameters(definition.node, definition))
    return tuple(_collect_accepted(library.ancestry(definition)))


def default(library: Library, argument: Argument) -> Value:
    """Return the default as a Python value; `MISSING` where there is none or it is not a constant."""
    expression = argument.default
    named = library.evaluate(expression, argument.owner.module) if expression else None
    if isinstance(named, Definition) and isinstance(named.node, ast.expr):
        expression = named.node
    try:
        return ast.literal_eval(expression) if expression else MISSING
    except ValueError:
        return MISSING


def _collect_accepted(classes: Iterator[Definition]) -> list[Argument]:
    """Return what the first `__init__` among `classes` accepts; only as many bases are parsed as it takes to know."""
    for owner in classes:
        init = _find_init(owner)
        if init is not None:
            own = _list_parameters(init, owner)
            return own + _find_passed_arguments(init, owner, own, classes)
    return []


def _find_init(owner: Definition) -> ast.FunctionDef | None:
    body = owner.node.body if isinstance(owner.node, ast.ClassDef) else []
    return next((node for node in body if isinstance(node, ast.FunctionDef) and node.name == "__init__"), None)


def _list_parameters(function: ast.FunctionDef, owner: Definition) -> list[Argument]:
    spec = function.args
    positional = spec.posonlyargs + spec.args
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(spec.defaults)) + list(spec.defaults)
    pairs = [*zip(positional, defaults, strict=True), *zip(spec.kwonlyargs, spec.kw_defaults, strict=True)]
    return [Argument(arg.arg, owner, default, required=default is None) for arg, default in pairs if arg.arg != "self"]


def _find_passed_arguments(
    init: ast.FunctionDef, owner: Definition, own: Sequence[Argument], bases: Iterator[Definition]
) -> list[Argument]:
    """Return the arguments that come through `**kwargs`: used here, or passed to the next class."""
    if init.args.kwarg is None:
        return []
    kwargs = init.args.kwarg.arg
    calls = _find_calls(init)
    taken = [_find_taken(call, kwargs, owner) for call in calls]
    found = [argument for argument in taken if argument and argument.name not in LEGACY]
    handing = next((call for call in calls if _is_init(call) and _hands_over(call, kwargs)), None)
    if handing is not None:
        found += _find_open_arguments(handing, _collect_accepted(bases))
    known = {argument.name for argument in own}
    return [argument for argument in found if argument.name not in known]


def _is_init(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "__init__"


def _find_open_arguments(call: ast.Call, inherited: Sequence[Argument]) -> list[Argument]:
    """Return the inherited arguments that the call to the next class does not fix."""
    fixed = {keyword.arg for keyword in call.keywords} | {argument.name for argument in inherited[: _find_places(call)]}
    return [argument for argument in inherited if argument.name not in fixed]


@cache
def _find_calls(init: ast.FunctionDef) -> tuple[ast.Call, ...]:
    return tuple(node for node in ast.walk(init) if isinstance(node, ast.Call))


def _find_taken(call: ast.Call, kwargs: str, owner: Definition) -> Argument | None:
    match call:
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id=source), attr="pop"), args=[ast.Constant(value=str(name)), *rest]
        ) if source == kwargs:
            return Argument(name, owner, rest[0] if rest else None, required=False)
    return None


def _hands_over(call: ast.Call, kwargs: str) -> bool:
    return any(
        keyword.arg is None and isinstance(keyword.value, ast.Name) and keyword.value.id == kwargs
        for keyword in call.keywords
    )


def _find_places(call: ast.Call) -> int:
    return sum(not isinstance(argument, ast.Starred) for argument in call.args)
