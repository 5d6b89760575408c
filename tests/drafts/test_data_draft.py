"""Data as an experiment: the model and the loss that such data usually has, and what must be reached at least."""

from __future__ import annotations

from typing import Any

import pytest

from trainctl.drafts.data_draft import DataFacts, draft_of_data


def text_of(**facts: Any) -> str:
    usual: dict[str, Any] = {
        "source": ("NPZ", {"path": "x.npz"}),
        "samples": 100,
        "is_table": False,
        "shape": (4,),
        "dtype": "float32",
        "classes": {"a": 70, "b": 30},
        "numbers": (0.0, 1.0),
        "excluded": {},
    }
    return draft_of_data(DataFacts(**{**usual, **facts}), "mine").text


def test_classes_and_what_is_better_than_guessing() -> None:
    assert "units: 1, activation: sigmoid" in text_of()
    assert '# better than always answering a\n  val_accuracy: "> baseline"' in text_of()
    several = text_of(classes={"a": 1, "b": 1, "c": 1})
    assert 'units: "${data.num_classes}"' in several
    assert "sparse_categorical_crossentropy" in several


def test_numbers_far_from_one_are_scaled() -> None:
    prices = text_of(classes={}, numbers=(210_000.0, 81_000.0))
    assert "map_labels: [{shift: -210000}, {scale: 1/81000}]" in prices
    assert 'val_mae: "< baseline"' in prices
    assert "map_labels" not in text_of(classes={}, numbers=(0.5, 0.9))


@pytest.mark.parametrize(
    ("facts", "layer"),
    [
        ({"is_table": True}, "Dense"),
        ({"dtype": "text", "shape": ()}, "TextVectorization"),
        ({"dtype": "uint8", "shape": (32, 32, 3)}, "Rescaling"),
        ({"shape": (8, 8)}, "Reshape: {target_shape: [8, 8, 1]}"),
        ({"shape": (12, 3)}, "LSTM"),
        ({"shape": (16000,)}, "STFTSpectrogram"),
    ],
)
def test_the_kind_of_data_chooses_the_model(facts: dict[str, Any], layer: str) -> None:
    assert layer in text_of(**facts)


def test_large_images_are_read_smaller_and_bad_columns_excluded() -> None:
    assert "image_size: [160, 160]" in text_of(dtype="uint8", shape=(600, 400, 3))
    excluded = text_of(is_table=True, excluded={"id": "names the row"})
    assert "    # id: names the row\n" in excluded
    assert "exclude: [id]" in excluded
    assert "validation_split" not in text_of(brings_validation=True)


@pytest.mark.parametrize(
    ("arguments", "written"),
    [
        ({"exclude": ["age"]}, "exclude: [age, id]"),
        ({"features": ["id", "age"]}, "features: [age]}"),
        ({"features": {"id": "number", "age": "number"}}, "features: {age: number}}"),
    ],
)
def test_what_a_person_chose_of_the_columns_is_kept(arguments: dict[str, Any], written: str) -> None:
    source = ("CSV", {"path": "x.csv", **arguments})
    assert written in text_of(source=source, is_table=True, excluded={"id": "names the row"})


def test_a_column_does_not_read_the_environment() -> None:
    text = text_of(is_table=True, excluded={"${env:TOKEN}": "is empty"})
    assert "exclude: ['$${env:TOKEN}']" in text
