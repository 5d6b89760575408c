import ast
from pathlib import Path

import pytest

from trainctl.catalog.source import Definition, Library, Module, installed_keras


@pytest.fixture
def library(tmp_path: Path) -> Library:
    files = {
        "toy/__init__.py": "from toy.src.shapes import Square as Square\nfrom toy.src.shapes import Square as Box\n",
        "toy/src/__init__.py": "from toy.src import shapes\n",
        "toy/src/shapes.py": (
            "from toy.src import base\nimport outside\nclass Square(base.Shape, outside.Thing):\n    pass\nSIDE = 4\n"
        ),
        "toy/src/base.py": "if True:\n    from toy.gone import Root\nclass Shape(Root):\n    pass\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return Library(tmp_path)


def test_an_alias_leads_to_the_file_that_defines_the_class(library: Library) -> None:
    found = library.lookup("toy", "Box")
    assert isinstance(found, Definition)
    assert (found.name, found.module.name, found.module.file.name) == ("Square", "toy.src.shapes", "shapes.py")


def test_a_package_that_imports_its_own_submodule_gives_the_submodule(library: Library) -> None:
    found = library.lookup("toy.src", "shapes")
    assert isinstance(found, Module)
    assert found.name == "toy.src.shapes"


def test_bases_are_followed_across_files_and_foreign_ones_left_out(library: Library) -> None:
    square = library.lookup("toy", "Square")
    assert isinstance(square, Definition)
    assert [each.name for each in library.ancestry(square)] == ["Square", "Shape"]


def test_a_constant_is_found_by_its_expression(library: Library) -> None:
    found = library.lookup("toy.src.shapes", "SIDE")
    assert isinstance(found, Definition)
    assert isinstance(found.node, ast.Constant)
    assert found.node.value == 4


@pytest.mark.parametrize(("module", "name"), [("toy", "Circle"), ("nowhere", "Square"), ("toy.src.base", "Root")])
def test_what_is_not_there_is_none(library: Library, module: str, name: str) -> None:
    assert library.lookup(module, name) is None


def test_a_file_is_parsed_once(library: Library) -> None:
    assert library.module("toy.src.base") is library.module("toy.src.base")


def test_the_installed_keras_is_found() -> None:
    home = installed_keras().module("keras.layers")
    assert home is not None
    assert "Dense" in home.bindings
