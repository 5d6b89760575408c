"""An entry holds what there is to know of a component: read from a small library, and from Keras."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from trainctl.catalog import MISSING, find
from trainctl.catalog.entry import read, read_summary
from trainctl.catalog.source import Library

SOURCE = '''
class Thing:
    """A thing that is used.

    More about it.

    Args:
        units: How many units.
        rate: How fast.
    """

    def __init__(self, units, rate=0.5, **kwargs):
        pass

def relu(x, alpha=1.0):
    """Cut."""

number = 3
'''


@pytest.fixture
def library(tmp_path: Path) -> Library:
    (tmp_path / "toy.py").write_text(SOURCE)
    return Library(tmp_path)


def test_a_class_with_its_arguments(library: Library) -> None:
    found = read(library, "layer", "toy", "Thing")
    assert found is not None
    assert found.summary == "A thing that is used."
    assert found.parameter_names == ("units", "rate")
    units, rate = found.parameters
    assert (units.required, units.default, units.doc) == (True, MISSING, "How many units.")
    assert (rate.required, rate.default, rate.doc) == (False, 0.5, "How fast.")
    assert found.parameter("rate") is rate
    assert found.parameter("speed") is None
    assert found.line == 2


def test_the_tensor_of_an_activation_is_no_argument(library: Library) -> None:
    found = read(library, "activation", "toy", "relu")
    assert found is not None
    assert found.parameter_names == ("alpha",)


@pytest.mark.parametrize("name", ["number", "absent"])
def test_what_is_no_class_or_function_has_no_entry(library: Library, name: str) -> None:
    assert read(library, "layer", "toy", name) is None


def test_a_summary_alone(library: Library) -> None:
    assert read_summary(library, "toy", "Thing") == "A thing that is used."
    assert read_summary(library, "toy", "absent") == ""


@pytest.mark.parametrize(("value", "reads"), [("my.keras", True), ("old.h5", True), ("imagenet", False), (None, False)])
def test_which_text_names_a_file(value: str | None, reads: bool) -> None:
    found = find("application", "MobileNetV2")
    assert found is not None
    assert found.reads_file("weights", value) is reads
    assert not found.reads_file("classes", value)
    assert not replace(found, target=object).reads_file("weights", value)
