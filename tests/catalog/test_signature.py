from pathlib import Path

from trainctl.catalog.signature import MISSING, arguments, default
from trainctl.catalog.source import Definition, Library

SOURCE = '''
WIDTH = (1, 2)

class Base:
    def __init__(self, *, trainable=True, name=None, **kwargs):
        shape = kwargs.pop("input_shape", None)

class Middle(Base):
    def __init__(self, rank, filters, bias=False, **kwargs):
        super().__init__(**kwargs)

class Leaf(Middle):
    """Fixes the rank by place, the filters by name."""
    def __init__(self, size, width=WIDTH, made=str(1), **kwargs):
        depth = kwargs.pop("depth", 2)
        super().__init__(2, filters=size, **kwargs)

class Heir(Leaf):
    pass

class Closed(Base):
    def __init__(self, only=None):
        super().__init__(name="closed")

def function(first, /, second=1, *rest, third, **kwargs):
    pass
'''


def accepted(tmp_path: Path, name: str) -> dict[str, object]:
    """Argument to default, `...` where required."""
    (tmp_path / "toy.py").write_text(SOURCE)
    library = Library(tmp_path)
    definition = library.lookup("toy", name)
    assert isinstance(definition, Definition)
    found = arguments(library, definition)
    return {argument.name: ... if argument.required else default(library, argument) for argument in found}


def test_kwargs_lead_to_the_bases_less_what_the_call_fixes(tmp_path: Path) -> None:
    assert accepted(tmp_path, "Leaf") == {
        "size": ...,
        "width": (1, 2),
        "made": MISSING,
        "depth": 2,
        "bias": False,
        "trainable": True,
        "name": None,
    }


def test_an_inherited_init_counts(tmp_path: Path) -> None:
    assert accepted(tmp_path, "Heir") == accepted(tmp_path, "Leaf")


def test_without_kwargs_the_bases_do_not_matter(tmp_path: Path) -> None:
    assert accepted(tmp_path, "Closed") == {"only": None}


def test_functions_list_what_can_be_given(tmp_path: Path) -> None:
    assert accepted(tmp_path, "function") == {"first": ..., "second": 1, "third": ...}
