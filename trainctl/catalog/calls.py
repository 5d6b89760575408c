"""Calls: what Keras's layers take when they are called, and which of them hand a mask on."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from trainctl.aliases import Value
from trainctl.catalog.source import Definition, installed_keras


@dataclass(frozen=True, slots=True)
class CallSignature:
    """What a layer's `call` takes.

    Args:
        names: The names of its arguments, in order.
        required: How many of the first must be given.
        defaults: What the others are where a call does not give them, as far as these are constants.
    """

    names: tuple[str, ...]
    required: int
    defaults: Mapping[str, Value]


@cache
def call_signature(layer: str) -> CallSignature | None:
    """Return what `call` of `keras.layers.<layer>` takes; `None` if there is no such layer, or it takes any."""
    method = next(_methods(layer, "call"), None)
    if method is None or method.args.vararg is not None:
        return None
    names = [each.arg for each in method.args.args[1:]]
    required = len(names) - len(method.args.defaults)
    pairs = zip(names[required:], method.args.defaults, strict=True)
    defaults = {name: each.value for name, each in pairs if isinstance(each, ast.Constant)}
    return CallSignature(tuple(names), required, defaults)


@cache
def hands_mask_on(layer: str) -> bool:
    """Return whether the mask that `keras.layers.<layer>` gets is the mask of its output, unchanged."""
    supports = any(
        isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Attribute) and target.attr == "supports_masking" for target in node.targets)
        for init in _methods(layer, "__init__")
        for node in ast.walk(init)
    )
    return supports and next(_methods(layer, "compute_mask"), None) is None


def _methods(layer: str, name: str) -> Iterator[ast.FunctionDef]:
    """Yield the method of this name of the layer and of its bases below `Layer`, nearest first."""
    library = installed_keras()
    definition = library.lookup("keras.layers", layer)
    if not isinstance(definition, Definition):
        return
    for owner in library.ancestry(definition):
        if isinstance(owner.node, ast.ClassDef) and owner.node.name not in {"Layer", "KerasLayer", "Operation"}:
            yield from (each for each in owner.node.body if isinstance(each, ast.FunctionDef) and each.name == name)
