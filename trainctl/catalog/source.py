"""Source: finds and parses the files of a package, and follows names across them, without importing any."""

from __future__ import annotations

import ast
import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from trainctl.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Import:
    """A name that another module defines. `name` is `None` if the module itself was imported."""

    module: str
    name: str | None


Binding: TypeAlias = Import | ast.ClassDef | ast.FunctionDef | ast.expr


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """A parsed file: its dotted name, and what each of its top-level names stands for."""

    name: str
    file: Path
    tree: ast.Module
    bindings: dict[str, Binding]


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """Where a name is defined: a class, a function, or the expression it was assigned."""

    module: Module
    name: str
    node: ast.ClassDef | ast.FunctionDef | ast.expr


class Library:
    """The source files of a package; each is parsed once, on first use.

    Args:
        folder: The folder that contains the package's own folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._modules: dict[str, Module | None] = {}
        self._definitions: dict[tuple[str, str], Definition] = {}

    def module(self, name: str) -> Module | None:
        """Return the module of this dotted name, or `None` if there is no such file."""
        if name not in self._modules:
            self._modules[name] = self._parse(name)
        return self._modules[name]

    def lookup(self, module: str, name: str) -> Definition | Module | None:
        """Return what `name` stands for in `module`, however many imports away it is defined."""
        home = self.module(module)
        binding = home.bindings.get(name) if home else None
        if home is None or binding in (None, Import(module, name)):  # a package importing its own submodule
            return self.module(f"{module}.{name}")
        if not isinstance(binding, Import):
            return self._definitions.setdefault((module, name), Definition(home, name, binding))
        return self.lookup(binding.module, binding.name) if binding.name else self.module(binding.module)

    def evaluate(self, expression: ast.expr, module: Module) -> Definition | Module | None:
        """Return what `name` or `module.name`, written in `module`, stands for; `None` for any other expression."""
        if isinstance(expression, ast.Name):
            return self.lookup(module.name, expression.id)
        if isinstance(expression, ast.Attribute):
            owner = self.evaluate(expression.value, module)
            return self.lookup(owner.name, expression.attr) if isinstance(owner, Module) else None
        return None

    def ancestry(self, definition: Definition) -> Iterator[Definition]:
        """Return the class and its bases, nearest first, without bases outside the package or chosen at run time."""
        yield definition
        for base in definition.node.bases if isinstance(definition.node, ast.ClassDef) else ():
            found = self.evaluate(base, definition.module)
            if isinstance(found, Definition):
                yield from self.ancestry(found)

    def _parse(self, name: str) -> Module | None:
        path = self._folder.joinpath(*name.split("."))
        for file in (path.with_name(f"{path.name}.py"), path / "__init__.py"):
            if file.is_file():
                tree = ast.parse(file.read_text(encoding="utf-8"))
                _drop_bodies(tree)
                return Module(name, file, tree, _collect_bindings(tree))
        return None


def _drop_bodies(tree: ast.Module | ast.ClassDef) -> None:
    """Drop the bodies that nobody reads: all but docstrings and `__init__`. Parsing all layers takes 3/4 of the time so."""
    for statement in tree.body:
        if isinstance(statement, ast.ClassDef):
            _drop_bodies(statement)
        elif isinstance(statement, ast.FunctionDef) and statement.name != "__init__":
            del statement.body[1:]


def _collect_bindings(tree: ast.Module) -> dict[str, Binding]:
    bindings: dict[str, Binding] = {}
    for statement in tree.body:
        match statement:
            case ast.ImportFrom(module=str(module), names=names, level=0):
                bindings |= {alias.asname or alias.name: Import(module, alias.name) for alias in names}
            case ast.Import(names=names):
                bindings |= {alias.asname: Import(alias.name, None) for alias in names if alias.asname}
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                bindings[name] = statement
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                bindings[name] = value
    return bindings


@cache
def installed_keras() -> Library:
    """Return the Keras that `import keras` would import.

    Raises:
        ConfigError: Keras is not installed.
    """
    spec = importlib.util.find_spec("keras")
    if spec is None or spec.origin is None:
        raise ConfigError("Keras is not installed", hint="pip install 'keras>=3.15' tensorflow")
    return Library(Path(spec.origin).parent.parent)
