"""Docstring: the text of a class or function as `__doc__` would give it, its summary and its arguments."""

from __future__ import annotations

import ast
import inspect
import re

from trainctl.catalog.source import Definition, Library, Module

PLACEHOLDER = re.compile(r"^ *\{\{(\w+)\}\}", re.MULTILINE)
ARGUMENTS = re.compile(r"(?:Args|Arguments):\s*")
ARGUMENT = re.compile(r"`?\*{0,2}(\w+)`?\s*(?:\([^)]*\))?:(?:\s+(.*))?")


def text(library: Library, definition: Definition) -> str:
    """Return the whole docstring, cleaned; what Keras appends or fills in after the definition is included."""
    node = definition.node
    own = ast.get_docstring(node) if isinstance(node, ast.ClassDef | ast.FunctionDef) else None
    for expression in _find_rewrites(definition):
        own = inspect.cleandoc(_evaluate(library, expression, definition.module, own))
    return PLACEHOLDER.sub(lambda mark: _find_passage(library, definition, mark[1]), own or "")


def summary(doc: str) -> str:
    """Return the first paragraph, on one line."""
    return " ".join(doc.split("\n\n", 1)[0].split())


def arguments(doc: str) -> dict[str, str]:
    """Return the entries of the `Args:` section: argument to description, each on one line."""
    entries: dict[str, list[str]] = {}
    current: list[str] = []
    for line in _find_section(doc.splitlines()):
        entry = None if line.startswith(" ") else ARGUMENT.fullmatch(line)
        if entry:
            current = entries[entry[1]] = [entry[2] or ""]
        else:
            current.append(line)
    return {name: " ".join(" ".join(lines).split()) for name, lines in entries.items()}


def _find_section(lines: list[str]) -> list[str]:
    """Return the lines under `Args:`, moved to the left margin."""
    start = next((number for number, line in enumerate(lines) if ARGUMENTS.fullmatch(line)), len(lines))
    section: list[str] = []
    for line in lines[start + 1 :]:
        if line and not line.startswith(" "):
            break
        section.append(line)
    return inspect.cleandoc("\n".join(["", *section])).splitlines()


def _find_rewrites(definition: Definition) -> list[ast.expr]:
    """Return the expressions that the module assigns to the definition's `__doc__`, by `=` or by `setattr`."""
    found = []
    for statement in definition.module.tree.body:
        for inner in statement.body if isinstance(statement, ast.If) else [statement]:
            match inner:
                case ast.Assign(targets=[ast.Attribute(value=ast.Name(id=name), attr="__doc__")], value=value) if (
                    name == definition.name
                ):
                    found.append(value)
                case ast.Expr(
                    value=ast.Call(
                        func=ast.Name(id="setattr"),
                        args=[ast.Name(id=name), ast.Constant(value="__doc__"), value],
                    )
                ) if name == definition.name:
                    found.append(value)
    return found


def _evaluate(library: Library, expression: ast.expr, module: Module, own: str | None) -> str:
    """Return the text that a string expression gives: constants, names, `+` and `.format()`.

    Args:
        library: Where names are looked up.
        expression: What to evaluate.
        module: Where it is written.
        own: What any `__doc__` in it stands for.
    """

    def value(part: ast.expr) -> str:
        return _evaluate(library, part, module, own)

    match expression:
        case ast.Constant(value=str(constant)):
            return constant
        case ast.Attribute(attr="__doc__"):
            return own or ""
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return value(left) + value(right)
        case ast.Call(func=ast.Attribute(value=template, attr="replace")):  # fills placeholders in, as `text` does
            return value(template)
        case ast.Call(func=ast.Attribute(value=template, attr="format"), keywords=keywords):
            filled = value(template)
            for word in keywords:
                filled = filled.replace(f"{{{word.arg}}}", value(word.value))
            return filled
        case ast.Name() | ast.Attribute():
            found = library.evaluate(expression, module)
            if isinstance(found, Definition) and isinstance(found.node, ast.expr):
                return _evaluate(library, found.node, found.module, own)
    return ""


def _find_passage(library: Library, definition: Definition, name: str) -> str:
    """Return the text for the placeholder `{{name}}`, from the base's module, indented."""
    for owner in library.ancestry(definition):
        found = library.lookup(owner.module.name, name)
        if isinstance(found, Definition) and isinstance(found.node, ast.expr):
            passage = inspect.cleandoc(_evaluate(library, found.node, found.module, None))
            return "    " + passage.replace("{LayerName}", definition.name).replace("\n", "\n    ")
    return ""
