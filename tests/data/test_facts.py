"""What `${data.…}` may name: sizes of the data, and why it has none where it has none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from trainctl.components.dataset import ColumnKind, Samples
from trainctl.data.facts import Facts
from trainctl.data.profile import Profile
from trainctl.data.split import Splits


def facts_of(x: Any, *, test: Any = None, shape: tuple[int, ...] | None = None, columns: Any = None) -> Facts:
    labels = np.zeros(len(next(iter(x.values())) if isinstance(x, dict) else x), np.int64)
    train = Samples(x, labels)
    held_out = None if test is None else Samples(test, np.zeros(len(test), np.int64))
    taken = shape if shape is not None or isinstance(x, dict) else x.shape[1:]
    return Facts({"num_classes": 2}, Profile.of(columns or {}, train), Splits(train, None, held_out), taken)


def refused(facts: Facts, name: str) -> str:
    with pytest.raises(KeyError) as caught:
        facts[name]
    return str(caught.value.args[0])


def test_what_is_known_is_given_as_it_is() -> None:
    facts = facts_of(np.zeros((3, 4)))
    assert facts["num_classes"] == 2
    assert set(facts) == {"num_classes", "channels", "sequence_length", "vocabulary_size"}
    assert len(facts) == 4
    assert refused(facts, "num_clases") == "the data has no num_clases"


def test_images_have_channels_and_sequences_a_length() -> None:
    images, windows, indices = np.zeros((2, 8, 9, 3)), np.zeros((2, 24, 5)), np.zeros((2, 7), np.int64)
    assert facts_of(images)["channels"] == 3
    assert facts_of(windows)["sequence_length"] == 24
    assert facts_of(indices)["sequence_length"] == 7
    assert "no channels" in refused(facts_of(windows), "channels")
    assert "no sequence length" in refused(facts_of(images), "sequence_length")
    assert refused(facts_of({"a": indices, "b": indices}), "channels").startswith("the data has several inputs")


def test_the_vocabulary_of_indices_counts_every_split() -> None:
    assert facts_of(np.array([[0, 3], [1, 2]]), test=np.array([[7, 0]]))["vocabulary_size"] == 8
    assert "no vocabulary" in refused(facts_of(np.zeros((2, 3))), "vocabulary_size")


def test_the_vocabulary_of_texts_is_that_of_a_layer_adapted_on_them() -> None:
    texts = np.array([["The cat, the hat!"], ["A Cat's\tÄpfel äpfel"], [""]], object)
    facts = facts_of(texts, test=np.array([["unseen"]], object))
    assert facts["vocabulary_size"] == 2 + len({"the", "cat", "hat", "a", "cats", "Äpfel", "äpfel"})


def test_arrays_of_text_have_a_vocabulary_too() -> None:
    assert facts_of(np.array(["the cat", "a hat"]))["vocabulary_size"] == 2 + 4


@pytest.mark.tf
def test_the_vocabulary_of_texts_is_keras_own() -> None:
    from trainctl.backend import keras

    texts = np.array([["The cat, the hat!"], ["A Cat's\tÄpfel äpfel -- it's_one {x}"], ["b2 B2 3.5"]], object)
    layer = keras.layers.TextVectorization()
    layer.adapt(texts)
    assert facts_of(texts)["vocabulary_size"] == layer.vocabulary_size()


def test_the_categories_of_a_column() -> None:
    kinds = {"sex": ColumnKind.CATEGORICAL, "age": ColumnKind.NUMERIC, "alone": ColumnKind.BOOLEAN}
    columns = {
        "sex": np.array(["male", "female", "", "male"], object),
        "age": np.array([1.0, 2.0, np.nan, 3.0]),
        "alone": np.array([0.0, 1.0, 1.0, 0.0]),
    }
    facts = facts_of(columns, columns=kinds)
    assert facts["columns.sex.categories"] == 3, "male, female and missing: what a StringLookup learns"
    assert facts["columns.alone.categories"] == 2
    assert refused(facts, "columns.age.categories") == "column 'age' is numeric and has no categories"
    assert refused(facts, "columns.sexx.categories") == "the data has no column 'sexx'; did you mean 'sex'?"
