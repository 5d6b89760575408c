"""Preprocessing layers of the model learn from the training data, and are saved with what they have learned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from graphs import built

pytestmark = pytest.mark.tf

NUMBERS = np.array([[1.0, 10.0], [3.0, 30.0], [5.0, 50.0], [7.0, 70.0], [9.0, 90.0]], np.float32)
WORDS = np.array([["b"], ["a"], ["b"], ["c"], ["b"]], object)


def saved_and_loaded(model: Any, folder: Path) -> Any:
    model.save(folder / "model.keras")
    return keras.saving.load_model(folder / "model.keras")


def test_numbers_are_normalized(tmp_path: Path) -> None:
    model = saved_and_loaded(built(tmp_path, "layers: [Normalization]", NUMBERS), tmp_path)
    out = np.asarray(model(NUMBERS))
    np.testing.assert_allclose(out.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(out.std(axis=0), 1, atol=1e-5)


def test_what_is_written_is_not_learned(tmp_path: Path) -> None:
    model = built(tmp_path, "layers: [Normalization: {mean: 1.0, variance: 4.0}]", NUMBERS)
    np.testing.assert_allclose(model(NUMBERS), (NUMBERS - 1) / 2)


def test_learning_is_from_what_the_layer_is_given(tmp_path: Path) -> None:
    text = "layers: [Rescaling: {scale: 100, offset: 7}, Normalization]"
    np.testing.assert_allclose(
        built(tmp_path, text, NUMBERS)(NUMBERS), built(tmp_path, "layers: [Normalization]", NUMBERS)(NUMBERS), atol=1e-5
    )


def test_bytes_are_read_as_the_models_input(tmp_path: Path) -> None:
    out = built(tmp_path, "layers: [Normalization]", NUMBERS.astype(np.uint8))(NUMBERS)
    np.testing.assert_allclose(np.asarray(out).mean(axis=0), 0, atol=1e-6)


def test_words_become_numbers_and_raw_words_are_taken(tmp_path: Path) -> None:
    text = "layers: [StringLookup: {output_mode: one_hot}]"
    model = saved_and_loaded(built(tmp_path, text, WORDS), tmp_path)
    out = np.asarray(model(keras.ops.convert_to_tensor([["b"], ["zzz"]])))
    assert out.tolist() == [[0, 1, 0, 0], [1, 0, 0, 0]]


def test_texts_become_numbers(tmp_path: Path) -> None:
    texts = np.array(["a good film", "a bad film", "good"], object)
    model = built(tmp_path, "layers: [TextVectorization: {output_sequence_length: 3}]", texts)
    assert np.asarray(model(keras.ops.convert_to_tensor(["film unheard"]))).tolist() == [[3, 1, 0]]


@pytest.mark.parametrize(
    ("layer", "x"),
    [("IntegerLookup", NUMBERS[:, :1].astype(np.int64)), ("Discretization: {num_bins: 2}", NUMBERS)],
)
def test_the_others_learn_too(tmp_path: Path, layer: str, x: Any) -> None:
    out = np.asarray(built(tmp_path, f"layers: [{layer}]", x)(x))
    assert len(np.unique(out)) > 1


def test_one_of_several_inputs(tmp_path: Path) -> None:
    text = "inputs: [n, w]\nlayers:\n  - StringLookup: {output_mode: one_hot, name: s}\n    from: w\n  - Normalization: {name: z}\n    from: n\n  - Concatenate:\n    from: [s, z]"
    model = built(tmp_path, text, {"n": NUMBERS, "w": WORDS})
    assert model.output.shape == (None, 6)


def test_within_a_model_it_learns_from_what_arrives_there(tmp_path: Path) -> None:
    text = """
      layers:
        - Rescaling: {scale: 100, offset: 7}
        - Model: {name: outer, layers: [{Rescaling: {scale: 3}}, {Model: {name: inner, layers: [Normalization]}}]}
    """
    model = saved_and_loaded(built(tmp_path, text, NUMBERS), tmp_path)
    out = np.asarray(model(NUMBERS))
    np.testing.assert_allclose(out.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(out.std(axis=0), 1, atol=1e-5)


def test_within_a_model_of_several_inputs(tmp_path: Path) -> None:
    text = """
      inputs: [n, w]
      layers:
        - Model:
            name: prepared
            inputs: [words, numbers]
            layers:
              - StringLookup: {output_mode: one_hot, name: s}
                from: words
              - Normalization: {name: z}
                from: numbers
              - Concatenate:
                from: [s, z]
          from: [w, n]
    """
    model = built(tmp_path, text, {"n": NUMBERS, "w": WORDS})
    out = np.asarray(
        model({"n": keras.ops.convert_to_tensor(NUMBERS), "w": keras.ops.convert_to_tensor(WORDS.astype(str))})
    )
    assert out.shape == (5, 6)
    np.testing.assert_allclose(out[:, 4:].mean(axis=0), 0, atol=1e-6)
