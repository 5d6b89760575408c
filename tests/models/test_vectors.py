"""An Embedding begins with the vectors of a file: a matrix by its rows, or text by its words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from graphs import built

from trainctl.errors import BuildError

pytestmark = pytest.mark.tf

TEXTS = np.array(["red green", "blue red"], object)
MODEL = """
layers:
  - TextVectorization: {output_sequence_length: 2}
  - Embedding: {input_dim: 6, output_dim: 2, weights: %s, embeddings_initializer: ones, name: vectors}
"""


def rows(model: Any) -> Any:
    return np.asarray(model.get_layer("vectors").embeddings)


def refused(folder: Path, file: str, model: str = MODEL, x: Any = TEXTS) -> str:
    with pytest.raises(BuildError) as caught:
        built(folder, model % file, x)
    [problem] = caught.value.diagnostics
    assert problem.path.endswith(".weights")
    assert problem.location is not None
    return problem.message


def test_each_word_of_the_vocabulary_gets_its_vector(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("4 2\nblue 1 2\nunused 7 8\nred 3 -4e-1\nred green 9 9\npurple 5 6\n")
    events: list[Any] = []
    model = built(tmp_path, MODEL % "words.txt", TEXTS, events=events)
    vocabulary = model.layers[1].get_vocabulary()
    expected = {"red": [3, -0.4], "blue": [1, 2]}
    found = rows(model)
    np.testing.assert_allclose(found, [expected.get(word, [1, 1]) for word in [*vocabulary, "", ""]][:6])
    assert [event.message for event in events] == ["vectors: 2 of 6 rows have a vector in words.txt"]
    model.save(tmp_path / "model.keras")
    (tmp_path / "words.txt").unlink()
    np.testing.assert_array_equal(rows(keras.saving.load_model(tmp_path / "model.keras")), found)


def test_a_matrix_is_taken_as_it_is(tmp_path: Path) -> None:
    matrix = np.arange(12, dtype="float64").reshape(6, 2)
    np.save(tmp_path / "matrix.npy", matrix)
    np.testing.assert_array_equal(rows(built(tmp_path, MODEL % "matrix.npy", TEXTS)), matrix)
    np.testing.assert_array_equal(rows(built(tmp_path, MODEL % matrix.tolist(), TEXTS)), matrix)


def test_what_does_not_fit_is_refused_at_its_line(tmp_path: Path) -> None:
    np.save(tmp_path / "small.npy", np.zeros((5, 2)))
    (tmp_path / "broken.npy").write_text("red 1 2\n")
    (tmp_path / "wide.txt").write_text("red 1 2 3\n")
    (tmp_path / "text.txt").write_text("red 1 two\n")
    (tmp_path / "other.txt").write_text("gelb 1 2\n")
    (tmp_path / "binary.bin").write_bytes(bytes(range(128, 256)))
    assert (
        refused(tmp_path, "small.npy")
        == "small.npy is float64 (5, 2), expected numbers (input_dim, output_dim) = (6, 2)"
    )
    assert refused(tmp_path, "broken.npy") == "broken.npy is not an array that NumPy can read"
    assert refused(tmp_path, "wide.txt") == "wide.txt, line 1: a vector of 3 numbers, but output_dim is 2"
    assert refused(tmp_path, "text.txt") == "text.txt, line 1: the vector of 'red' holds text"
    assert refused(tmp_path, "other.txt").startswith("other.txt has a vector for none of the 4 words of the vocabulary")
    assert refused(tmp_path, "binary.bin") == "binary.bin is not text in UTF-8, nor a .npy file"
    indices = MODEL.replace("  - TextVectorization: {output_sequence_length: 2}\n", "")
    assert "needs a TextVectorization or StringLookup above" in refused(
        tmp_path, "other.txt", indices, np.array([[0, 1]])
    )
