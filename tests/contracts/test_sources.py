"""What holds for every data source: it is documented, quick to describe, and tested."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainctl.components.context import DataContext
from trainctl.components.spec import SOURCES, SourceSpec, reads_path
from trainctl.errors import DataError

ROOT = Path(__file__).parents[2]
SPECS = [spec for _, spec in SOURCES]


@pytest.fixture(params=SPECS, ids=lambda spec: spec.name_in_yaml)
def spec(request: pytest.FixtureRequest) -> type[SourceSpec]:
    return request.param


def test_all_that_the_design_names_are_there() -> None:
    assert set(SOURCES.names()) >= {
        "MNIST",
        "FashionMNIST",
        "CIFAR10",
        "CIFAR100",
        "IMDB",
        "Reuters",
        "CaliforniaHousing",
        "Digits",
        "Iris",
        "Wine",
        "BreastCancer",
        "Diabetes",
        "CSV",
        "Parquet",
        "NPZ",
        "NPY",
        "ImageFolder",
        "TextFolder",
        "TFRecord",
        "Timeseries",
        "TFDS",
        "HuggingFace",
        "Synthetic",
    }


def test_it_tells_its_shapes_and_types(spec: type[SourceSpec]) -> None:
    text = spec.__doc__ or ""
    assert "Shapes:" in text
    assert "x: " in text
    assert "y: " in text


def test_every_argument_is_described_in_a_sentence(spec: type[SourceSpec]) -> None:
    for name, info in spec.model_fields.items():
        assert info.description, name
        assert info.description[-1] in ".…}"


def test_its_name_is_in_the_readme_and_in_a_test(spec: type[SourceSpec]) -> None:
    assert f"`{spec.name_in_yaml}" in (ROOT / "README.md").read_text(encoding="utf-8")
    tests = [*(ROOT / "tests" / "sources").rglob("test_*.py"), *(ROOT / "tests" / "extras").glob("test_*.py")]
    assert any(spec.__name__ in test.read_text(encoding="utf-8") for test in tests)


def test_an_extra_can_be_installed_by_its_name_and_has_a_test(spec: type[SourceSpec]) -> None:
    if spec.extra is not None:
        assert f"\n{spec.extra.name} = [" in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        assert spec.extra.command in (spec.__doc__ or "")
        assert (ROOT / "tests" / "extras" / f"test_{spec.extra.name}.py").is_file()


_MADE_ELSEWHERE = {"TFDS": {"data_dir"}}
"""Folders that loading makes."""


def test_a_look_finds_the_file_that_is_missing(spec: type[SourceSpec], tmp_path: Path) -> None:
    """Each path alone leads to nothing, at its own argument; the others are there."""
    paths = [name for name in spec.model_fields if reads_path(spec, name)]
    (tmp_path / "there.npy").write_bytes(b"\x93NUMPY")
    is_folder = any(not spec.model_fields[each].is_required() for each in paths)
    there = str(tmp_path if is_folder else tmp_path / "there.npy")
    for name in set(paths) - _MADE_ELSEWHERE.get(spec.name_in_yaml, set()):
        given = {each: there for each in paths if spec.model_fields[each].is_required()}
        given[name] = str(tmp_path / "gone")
        source = spec.model_construct(**{"features": {}, "label": "y", "target": "y", **given})
        with pytest.raises(DataError, match=r"gone does not exist") as error:
            source.look(DataContext(lambda _event: None))
        assert error.value.field == name
