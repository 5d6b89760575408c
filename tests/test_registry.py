"""The registry: one file for one question, all of them for the rest."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from trainctl.registry import Registry

MEMBER = "from {package}_home import FRUITS\n@FRUITS.register({name!r})\nclass Member: pass\n"


@pytest.fixture
def fruits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry[type]]:
    """A registry over a folder with two members in files named after them, and one in a file that is not."""
    folder = tmp_path / "fruits"
    folder.mkdir()
    (folder / "__init__.py").touch()
    for file, name in [("red_apple.py", "RedApple"), ("pear.py", "Pear"), ("citrus.py", "Lemon")]:
        (folder / file).write_text(MEMBER.format(package="fruits", name=name))
    (tmp_path / "fruits_home.py").write_text(
        "from trainctl.registry import Registry\nFRUITS = Registry('fruit', 'fruits')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    from fruits_home import FRUITS

    yield FRUITS
    for module in [name for name in sys.modules if name.split(".")[0] in {"fruits", "fruits_home"}]:
        del sys.modules[module]


def imported() -> set[str]:
    return {name.removeprefix("fruits.") for name in sys.modules if name.startswith("fruits.")}


def test_one_name_imports_the_file_named_after_it(fruits: Registry[type]) -> None:
    assert fruits.get("RedApple") is not None
    assert imported() == {"red_apple"}


def test_a_name_in_a_file_called_otherwise_is_found(fruits: Registry[type]) -> None:
    assert fruits.get("Lemon") is not None


def test_names_are_of_all_files(fruits: Registry[type]) -> None:
    fruits.get("Pear")
    assert fruits.names() == ("Lemon", "Pear", "RedApple")
    assert [name for name, _ in fruits] == ["Lemon", "Pear", "RedApple"]


@pytest.mark.parametrize("name", ["Plum", "redapple", "red_apple", ""])
def test_an_unknown_name_is_none(fruits: Registry[type], name: str) -> None:
    assert fruits.get(name) is None


def test_what_is_registered_by_hand_counts(fruits: Registry[type]) -> None:
    fruits.register("Plum")(int)
    assert fruits.get("Plum") is int
    assert "Plum" in fruits.names()


def test_a_name_taken_twice_is_a_bug(fruits: Registry[type]) -> None:
    fruits.get("Pear")
    with pytest.raises(RuntimeError, match="fruit 'Pear' is registered twice"):
        fruits.register("Pear")(int)
