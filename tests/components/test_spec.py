"""Specs describe themselves: every field of every component of ours, and the decorators that register them."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import Field, ValidationError

from trainctl.components.fields import InputFile, Integer, Slot
from trainctl.components.spec import CALLBACKS, REGISTRIES, Spec, callback, reads_path, section_of, slot_of
from trainctl.config.experiment import SECTIONS, CompileSection, Experiment

SPECS = [
    *(each for registry in REGISTRIES.values() for name in registry.names() if (each := registry.get(name))),
    *SECTIONS.values(),
]


class Inner(Spec):
    """The inner section."""

    size: Annotated[Integer, Field(ge=1, description="Its size.")] = 1


class Outer(Spec):
    """The outer section.

    With more to say.
    """

    inner: Annotated[Inner, Field(description="The inner one.")] = Inner.model_construct()
    parts: Annotated[tuple[object, ...], Slot(("layer",), many=True), Field(description="Layers.")] = ()


def test_the_summary_is_the_first_line() -> None:
    assert Outer.summary() == "The outer section."


def test_a_section_and_a_place_for_components_are_told_apart() -> None:
    assert section_of(Outer, "inner") is Inner
    assert section_of(Outer, "parts") is None
    place = slot_of(Outer, "parts")
    assert place is not None
    assert (place.kinds, place.many) == (("layer",), True)
    assert slot_of(Outer, "inner") is None


class Reader(Spec):
    """Reads files."""

    path: InputFile = Field(description="The file.")
    other: InputFile | None = Field(default=None, description="Another one, or none.")
    name: str = Field(default="", description="No file.")


def test_a_path_to_read_may_be_left_out() -> None:
    assert [reads_path(Reader, name) for name in ("path", "other", "name")] == [True, True, False]


def test_bounds_are_in_the_words_of_json_schema() -> None:
    found = Inner.field_schema("size")
    assert (found["type"], found["minimum"], found["default"]) == ("integer", 1, 1)
    assert "title" not in found


def test_a_spec_is_closed_and_frozen() -> None:
    with pytest.raises(ValidationError):
        Inner.model_validate({"sise": 3})
    with pytest.raises(ValidationError):
        Inner(size=3).size = 4  # type: ignore[misc]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.__name__)
def test_every_field_is_described_in_a_sentence(spec: type[Spec]) -> None:
    for name, field in spec.model_fields.items():
        assert field.description, name
        assert field.description[0].isupper() or not field.description[0].isalpha(), name
        if section_of(spec, name) is None and slot_of(spec, name) is None:
            assert spec.field_schema(name)["description"] == field.description


def test_a_callback_is_registered_under_its_name() -> None:
    from trainctl.components.spec import CallbackSpec

    @callback("OfThisTest")
    class OfThisTest(CallbackSpec):
        """A callback."""

    assert CALLBACKS.get("OfThisTest") is OfThisTest
    assert OfThisTest.name_in_yaml == "OfThisTest"


def test_where_it_was_written_is_remembered() -> None:
    spec = Inner(size=2)
    assert (spec.written_at, spec.setting) == (None, "")
    spec.place(None, "outer.inner")
    assert spec.setting == "outer.inner"


def test_the_loss_may_be_given_for_each_output() -> None:
    place = slot_of(CompileSection, "loss")
    assert place is not None
    assert place.by_output
    assert slot_of(Experiment, "callbacks") is not None


def test_the_default_of_a_field() -> None:
    class Sized(Spec):
        size: int
        depth: int = 3
        names: Annotated[list[str], Field(default_factory=lambda: ["a"])]

    assert [Sized.default_of(name) for name in ("size", "depth", "names")] == [None, 3, ["a"]]
