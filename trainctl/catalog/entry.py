"""Entry: what there is to know of one component of Keras. Parsed on the first question, then kept."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from trainctl.aliases import Value
from trainctl.catalog import docstring, signature, types
from trainctl.catalog.source import Definition, Library

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


FILE_ARGUMENTS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("application", "weights"): (".h5", ".keras"),  # other text is one of Keras's own sets, such as imagenet
    ("layer", "vocabulary"): ("",),
    ("layer", "weights"): ("",),  # of an Embedding
}
"""Arguments whose text names a file to read, by kind and name; each with how such text ends."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument.

    Args:
        name: Its name.
        required: Whether it must be given.
        default: The value without it, as a Python literal; `MISSING` where required or not a literal.
        schema: JSON Schema of the plain values it takes; `{}` is any value, `{"enum": []}` none.
        kinds: The kinds of components it takes besides; where `schema` has an array, lists of them too.
        doc: Keras's description, on one line.
        takes_function: Whether a function of a tensor may be here.
    """

    name: str
    required: bool
    default: Value
    schema: Mapping[str, Value]
    kinds: tuple[str, ...]
    doc: str
    takes_function: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One component.

    Args:
        kind: One of `KINDS`.
        name: Its name in the public namespace.
        module: The namespace: at run time, `getattr(module, name)` is the class or function.
        summary: Its first paragraph, on one line.
        doc: Its whole docstring, cleaned.
        parameters: What it can be given by name.
        file: Where it is defined.
        line: In which line, from 1.
        target: The class or function itself, where the person's own module added it.
        is_model: Whether that makes a whole model.
        own_methods: Those of Keras's training methods, such as `train_step`, that its class has again.
        logs: The keys that it logs besides the loss, as it says itself.
        adds_loss: Whether its class calls `add_loss`.
        shorthand: The argument that text in place of the arguments is; `None` if only a mapping is its arguments.
        saved_as: The name that a saved model gives it, where it is the person's own.
    """

    kind: str
    name: str
    module: str
    summary: str
    doc: str
    parameters: tuple[Parameter, ...]
    file: Path
    line: int
    target: Any = None
    is_model: bool = False
    own_methods: tuple[str, ...] = ()
    logs: tuple[str, ...] = ()
    adds_loss: bool = False
    shorthand: str | None = None
    saved_as: str = ""

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """What may be given, in Keras's order."""
        return tuple(parameter.name for parameter in self.parameters)

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter `name`, or `None`."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)

    def reads_file(self, argument: str, value: Value) -> bool:
        """Return whether `value` of its `argument` names a file; what the user's own class reads, no one knows."""
        endings = FILE_ARGUMENTS.get((self.kind, argument), ()) if self.target is None else ()
        return isinstance(value, str) and value.endswith(endings)


def read(library: Library, kind: str, module: str, name: str) -> Entry | None:
    """Return the entry for the public `name` of `module`; `None` if that is no class or function."""
    definition = library.lookup(module, name)
    if not isinstance(definition, Definition) or not isinstance(definition.node, ast.ClassDef | ast.FunctionDef):
        return None
    doc = docstring.text(library, definition)
    accepted = signature.arguments(library, definition)
    if kind == "activation":  # the first one is the tensor
        accepted = accepted[1:]
    return Entry(
        kind=kind,
        name=name,
        module=module,
        summary=docstring.summary(doc),
        doc=doc,
        parameters=tuple(_make_parameter(library, kind, definition, argument) for argument in accepted),
        file=definition.module.file,
        line=definition.node.lineno,
    )


def read_summary(library: Library, module: str, name: str) -> str:
    """Return the summary of the public `name` of `module` alone; empty where that has none."""
    definition = library.lookup(module, name)
    return docstring.summary(docstring.text(library, definition)) if isinstance(definition, Definition) else ""


def _make_parameter(library: Library, kind: str, definition: Definition, argument: signature.Argument) -> Parameter:
    default = signature.default(library, argument)
    doc = _find_description(library, definition, argument)
    schema, kinds = ({}, ()) if kind == "op" else types.describe(definition.name, argument.name, default, doc)
    takes_function = f"{definition.name}.{argument.name}" in types.FUNCTIONS
    return Parameter(argument.name, argument.required, default, schema, kinds, doc, takes_function)


def _find_description(library: Library, definition: Definition, argument: signature.Argument) -> str:
    """The text of the class itself, or of the nearest base that has one, up to the one whose signature lists it."""
    for owner in library.ancestry(definition):
        texts = _read_descriptions(library, owner)
        if argument.name in texts or owner is argument.owner:
            return texts.get(argument.name, "")
    return ""


@cache
def _read_descriptions(library: Library, definition: Definition) -> dict[str, str]:
    return docstring.arguments(docstring.text(library, definition))
