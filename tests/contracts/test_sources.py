"""What every data source says of itself."""

from pathlib import Path

import pytest

from trainctl.components.base import SOURCES, SourceSpec
from trainctl.config.describe import describe

ROOT = Path(__file__).parents[2]
SPECS = list(SOURCES)
OF_YOUR_OWN = {"CSV", "NPZ", "Parquet", "ImageFolder", "TextFolder", "TFRecord", "Timeseries", "TFDS", "HuggingFace",
               "Synthetic"}  # fmt: skip
"""Sources that hold no data of their own: nobody is to be credited."""


@pytest.fixture(params=SPECS, ids=[name for name, _ in SPECS])
def spec(request: pytest.FixtureRequest) -> type[SourceSpec]:
    return request.param[1]


def test_its_text_tells_the_shapes(spec: type[SourceSpec]) -> None:
    text = spec.__doc__ or ""
    assert spec.summary().endswith(".")
    assert "Shapes:" in text
    assert "x: " in text
    assert "y: " in text or spec.name_in_yaml in OF_YOUR_OWN


def test_its_text_tells_where_the_data_is_from(spec: type[SourceSpec]) -> None:
    assert ("Source: " in (spec.__doc__ or "")) != (spec.name_in_yaml in OF_YOUR_OWN)


def test_each_argument_says_what_it_means(spec: type[SourceSpec]) -> None:
    for name, field in spec.model_fields.items():
        assert field.description, name
        assert field.description.rstrip().endswith((".", "…")), name


def test_a_spec_is_frozen_and_closed(spec: type[SourceSpec]) -> None:
    assert spec.model_config["frozen"] is True
    assert spec.model_config["extra"] == "forbid"


def test_it_lives_in_the_file_that_is_named_after_it(spec: type[SourceSpec]) -> None:
    module = spec.__module__.rsplit(".", 1)[-1]
    assert module.replace("_", "") == spec.name_in_yaml.lower()


def test_labels_are_known_to_be_classes_or_numbers_or_neither(spec: type[SourceSpec]) -> None:
    assert spec.known_classes is None or not spec.known_numbers


def test_it_can_be_described(spec: type[SourceSpec]) -> None:
    assert [each.kind for each in describe(spec.name_in_yaml)] == ["source"]


def test_it_has_a_test(spec: type[SourceSpec]) -> None:
    tests = (ROOT / "tests" / "components" / "sources").glob("test_*.py")
    assert any(spec.name_in_yaml in test.read_text(encoding="utf-8") for test in tests)
