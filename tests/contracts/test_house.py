"""The house: imports without circles, tests beside their modules, functions of one decision, and a page that shows it all."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "trainctl"
MOST_LAZY = 19
"""Own modules imported inside functions, at most."""
MIRRORED = 0.9
"""The share of modules that have a test file of their own, at least."""
MOST_ANY = 250
"""Lines with `Any`, or `object` in its place, at most."""

Import = ast.Import | ast.ImportFrom


@cache
def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name."""
    found = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


@cache
def tree(name: str) -> ast.Module:
    return ast.parse(modules()[name].read_text(encoding="utf-8"))


def imported(statement: Import) -> list[str]:
    """The modules of the package that the statement imports."""
    if isinstance(statement, ast.Import):
        names = [alias.name for alias in statement.names]
    else:
        base = statement.module or ""
        names = [each if (each := f"{base}.{alias.name}") in modules() else base for alias in statement.names]
    return [name for name in names if name in modules()]


def imports(name: str) -> Iterator[Import]:
    """Every import of a module, those for types alone and those inside functions too."""
    yield from (node for node in ast.walk(tree(name)) if isinstance(node, Import))


def lazy_imports(name: str) -> Iterator[Import]:
    """The imports of own modules inside functions."""
    functions = [node for node in ast.walk(tree(name)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    inside = {id(node): node for function in functions for node in ast.walk(function) if isinstance(node, Import)}
    yield from (node for node in inside.values() if imported(node))


def test_no_module_imports_itself_in_a_circle() -> None:
    needs = {name: {each for node in imports(name) for each in imported(node)} - {name} for name in modules()}
    while True:
        free = {name for name, needed in needs.items() if not needed & needs.keys()}
        if not free:
            break
        for name in free:
            del needs[name]
    users = {each for needed in needs.values() for each in needed}
    assert sorted(name for name in needs if name in users) == []


def test_own_modules_are_imported_inside_functions_only_for_a_reason() -> None:
    found, silent = 0, []
    for name, file in modules().items():
        lines = file.read_text(encoding="utf-8").splitlines()
        for node in lazy_imports(name):
            found += 1
            if "#" not in lines[node.lineno - 1]:
                silent.append(f"{name}:{node.lineno}")
    assert silent == [], "say why, in a comment on the line"
    assert found <= MOST_LAZY


def is_tested(name: str, file: Path) -> bool:
    folder = ROOT / "tests" / file.relative_to(PACKAGE).parent
    if file.stem == "__init__":
        return any((place / f"test_{name.rsplit('.', 1)[-1]}.py").is_file() for place in (folder, folder.parent))
    return (folder / f"test_{file.stem.strip('_')}.py").is_file()


def test_tests_mirror_the_modules() -> None:
    holds = [
        name for name in modules() if any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in tree(name).body)
    ]
    untested = [name for name in holds if not is_tested(name, modules()[name])]
    assert len(untested) <= (1 - MIRRORED) * len(holds), untested


def test_few_lines_are_untyped() -> None:
    names_any = re.compile(r"\bAny\b|(?:->|:|\[|,|\|) ?object\b")
    lines = [line for file in modules().values() for line in file.read_text(encoding="utf-8").splitlines()]
    code = [line for line in lines if not re.match(r"\s*(from|import|#|\"\"\")", line)]
    assert sum(bool(names_any.search(line)) for line in code) <= MOST_ANY


def drawn() -> set[str]:
    """The folders and modules in the drawing of the tree, relative to the package."""
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    drawing = re.search(r"^trainctl/\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert drawing is not None
    names = [re.split(r" {2,}", line.strip())[0] for line in drawing[1].splitlines()]
    return {name for each in names for name in each.split()}


def test_the_page_draws_every_folder_and_nothing_else() -> None:
    folders = {f"{file.parent.relative_to(PACKAGE)}/" for file in PACKAGE.rglob("__init__.py")} - {"./"}
    ground = {file.name for file in PACKAGE.glob("*.py")} - {"__init__.py", "__main__.py"}
    assert drawn() == folders | ground
