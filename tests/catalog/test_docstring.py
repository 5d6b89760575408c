import inspect
from pathlib import Path

import pytest

from trainctl.catalog.docstring import arguments, summary, text
from trainctl.catalog.source import Definition, Library

DOC = inspect.cleandoc("""
    Turns inputs
    into outputs.

    More about it.

    Args:
        units: Positive integer,
            the width.
        `units_2` (optional): Two
            floats: decay rates.

            A second paragraph.
        **kwargs: Base layer arguments.
        bare:
            On the next line.

    Example:
        units: not an argument
    """)


def test_the_summary_is_the_first_paragraph_on_one_line() -> None:
    assert summary(DOC) == "Turns inputs into outputs."


def test_arguments_are_read_from_their_section_only() -> None:
    assert arguments(DOC) == {
        "units": "Positive integer, the width.",
        "units_2": "Two floats: decay rates. A second paragraph.",
        "kwargs": "Base layer arguments.",
        "bare": "On the next line.",
    }


@pytest.mark.parametrize("doc", ["", "Only a summary.", "Summary.\n\nArgs:\n"])
def test_no_section_no_arguments(doc: str) -> None:
    assert arguments(doc) == {}


SOURCE = '''
base_args = """name: String, the
            name.
        decay: Float."""
TEMPLATE = "The {name} model."
MORE = "\\n\\nArgs:\\n    classes: int."

class Base:
    pass

class Filled(Base):
    """Summary.

    Args:
        rate: Float.
        {{base_args}}
    """

if Filled.__doc__ is not None:
    Filled.__doc__ = Filled.__doc__.replace("{{base_args}}", base_args)

def formatted():
    pass

formatted.__doc__ = TEMPLATE.format(name="Small")

def extended():
    """Summary."""

if extended.__doc__ is not None:
    setattr(extended, "__doc__", extended.__doc__ + MORE)

def undocumented():
    pass
'''


@pytest.mark.parametrize(
    ("name", "first", "described"),
    [
        ("Filled", "Summary.", {"rate": "Float.", "name": "String, the name.", "decay": "Float."}),
        ("formatted", "The Small model.", {}),
        ("extended", "Summary.", {"classes": "int."}),
        ("undocumented", "", {}),
    ],
)
def test_what_is_filled_in_later_is_part_of_the_text(
    tmp_path: Path, name: str, first: str, described: dict[str, str]
) -> None:
    (tmp_path / "toy.py").write_text(SOURCE)
    library = Library(tmp_path)
    definition = library.lookup("toy", name)
    assert isinstance(definition, Definition)
    doc = text(library, definition)
    assert summary(doc) == first
    assert arguments(doc) == described
