"""Identifiers: the lower-case strings that Keras accepts in place of an object, from the tables behind its `get`s."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from trainctl.catalog.source import Import, Library, Module

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

COMPILE_WORDS: Mapping[str, tuple[str, ...]] = {"metric": ("accuracy", "acc"), "loss": ("crossentropy", "ce")}
"""Words that `compile` resolves by the shapes of labels and outputs; they stand for no one class."""

BROKEN = frozenset({"constant"})
"""Strings that are in a table of Keras, yet fail: `Constant` cannot be made from an empty config."""


def table(library: Library, module: str) -> Mapping[str, str]:
    """String to the name of the object it stands for, as `keras.<kind>.get` looks it up.

    Args:
        library: Where Keras lies.
        module: The module that holds the table, such as `keras.src.losses`.
    """
    home = library.module(module)
    return dict(_read_pairs(home)) if home else {}


def snake_case(name: str) -> str:
    """`MeanIoU` → `mean_io_u`, as Keras names it."""
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def _read_pairs(module: Module) -> Iterator[tuple[str, str]]:
    members = _list_members(module)
    for statement in module.tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="ALL_OBJECTS_DICT")], value=value):
                yield from _evaluate_names(value, members)
            case ast.Assign(
                targets=[ast.Subscript(value=ast.Name(id="ALL_OBJECTS_DICT"), slice=ast.Constant(value=str(key)))],
                value=ast.Name(id=name),
            ):
                yield key, name
            case ast.Expr(
                value=ast.Call(
                    func=ast.Attribute(value=ast.Name(id="ALL_OBJECTS_DICT"), attr="update"), args=[argument]
                )
            ):
                yield from _evaluate_names(argument, members)


def _list_members(module: Module) -> list[str]:
    binding = module.bindings.get("ALL_OBJECTS")
    names = (
        [element.id for element in binding.elts if isinstance(element, ast.Name)]
        if isinstance(binding, ast.Set)
        else []
    )
    return [_find_original(module, name) for name in names]


def _find_original(module: Module, name: str) -> str:
    binding = module.bindings.get(name)
    return binding.name or name if isinstance(binding, Import) else name


def _evaluate_names(expression: ast.expr, members: list[str]) -> Iterator[tuple[str, str]]:
    match expression:
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(value, ast.Name):
                    yield str(key.value), value.id
        case ast.DictComp(key=key):
            spell = _find_spelling(key)
            yield from ((spell(name), name) for name in members)


def _find_spelling(key: ast.expr) -> Callable[[str], str]:
    """Return what the key of `{key(cls): cls for cls in ALL_OBJECTS}` makes of a name."""
    match key:
        case ast.Call(func=ast.Name(id="to_snake_case")):
            return snake_case
        case ast.Call(func=ast.Attribute(attr="lower")):
            return str.lower
    return str
