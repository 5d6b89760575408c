"""The names in a run directory: each of them once in the program."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import trainctl
from trainctl.runs import layout
from trainctl.runs.layout import RunDirectory

PACKAGE = Path(trainctl.__file__).parent
HOME = Path(layout.__file__)
NAMES = layout.RESERVED | {layout.ELSEWHERE, layout.DAMAGED, layout.SNAPSHOT_PATTERN}
# Plain English words that mean something else elsewhere: a section of the model, an argument of a source.
WORDS = {layout.INPUTS, layout.SNAPSHOTS, layout.ELSEWHERE}


def _joined(tree: ast.AST) -> Iterator[str]:
    """The texts that are joined to a path or stand alone as a name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in WORDS:
            yield node.value
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and isinstance(node.right, ast.Constant):
            yield str(node.right.value)


@pytest.mark.parametrize("module", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_other_module_spells_a_name(module: Path) -> None:
    spelled = set(_joined(ast.parse(module.read_text()))) & NAMES
    allowed = NAMES if module == HOME else {layout.MODEL} if module.name == "describe.py" else set()  # an example
    assert spelled <= allowed


def test_the_names_import_nothing_of_ours() -> None:
    imported = [node for node in ast.walk(ast.parse(HOME.read_text())) if isinstance(node, ast.ImportFrom)]
    assert {str(node.module).partition(".")[0] for node in imported} <= {"__future__", "dataclasses", "pathlib"}


def test_every_path_is_a_name_in_the_directory() -> None:
    directory = RunDirectory(Path("/runs/x/1"))
    found = {name: value for name in dir(directory) if isinstance(value := getattr(directory, name), Path)}
    paths = [path for name, path in found.items() if name not in {"path", "runs_dir"}]
    assert {path.name for path in paths} == layout.RESERVED - {*layout.CHILDREN} - {
        name for name in layout.PLOTS if name.endswith("svg")
    }
    assert {path.parent for path in paths} == {directory.path}


def test_a_run_that_is_part_of_another_is_called_after_it() -> None:
    whole = RunDirectory(Path("/runs/x/20261127-120000-abcdef"))
    part = whole.child("folds", "2")
    assert (
        RunDirectory(Path("runs", "folds", "20260101-120000-aaaaaa")).parent is None
    )  # the experiment is called folds
    assert (part.run_id, part.parent, whole.parent) == ("20261127-120000-abcdef-folds-2", whole, None)
    assert part.runs_dir == whole.runs_dir == Path("/runs")


def test_names_of_snapshots_sort_by_steps() -> None:
    names = [layout.snapshot_name(steps) for steps in (0, 9, 10, 750, 123_456_789)]
    assert names == sorted(names)
    assert all(Path(name).match(layout.SNAPSHOT_PATTERN) for name in names)
