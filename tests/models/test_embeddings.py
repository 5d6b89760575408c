"""An Embedding needs a row for each index that can reach it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from graphs import built, experiment

from trainctl.errors import BuildError

pytestmark = pytest.mark.tf

COLORS = np.array([["red"], ["green"], ["blue"], ["red"]], object)
LOOKUP = """
inputs: {color: {dtype: string, shape: [1]}}
layers:
  - StringLookup: {name: index}
  - Reshape: {target_shape: [1]}
  - Embedding: {input_dim: ROWS, output_dim: 2, name: vector}
"""


def test_a_lookup_that_learns_more_than_the_embedding_has_rows(tmp_path: Path) -> None:
    said = r"vector has 3 rows, but index gives 4 different indices \(0 to 3\)"
    with pytest.raises(BuildError, match=said) as caught:
        built(tmp_path, LOOKUP.replace("ROWS", "3"), COLORS)
    [problem] = caught.value.diagnostics
    assert problem.hint == "set input_dim to 4 or more"
    assert problem.location is not None
    assert problem.location.line == 7
    assert built(tmp_path, LOOKUP.replace("ROWS", "4"), COLORS).output.shape == (None, 1, 2)


def test_texts_and_hashes_are_counted_by_their_layers(tmp_path: Path) -> None:
    texts = np.array([["one two three"], ["four"]], object)
    text = "layers:\n  - TextVectorization: {output_sequence_length: 4}\n  - Embedding: {input_dim: 5, output_dim: 2}"
    with pytest.raises(BuildError, match="gives 6 different indices"):
        built(tmp_path, text, texts)
    hashed = "layers:\n  - Hashing: {num_bins: 8}\n  - Embedding: {input_dim: 7, output_dim: 2}"
    with pytest.raises(BuildError, match="hashing gives 8 different indices"):
        built(tmp_path, hashed, COLORS)


@pytest.mark.parametrize(("rows", "fits"), [(9, False), (10, True)])
def test_indices_in_the_data(tmp_path: Path, rows: int, fits: bool) -> None:
    from trainctl.models.graph import build_model
    from trainctl.models.inputs import Fact

    text = f"layers:\n  - Embedding: {{input_dim: {rows}, output_dim: 2}}"
    section = experiment(tmp_path, text).model

    def build() -> object:
        return build_model(section, "run", Fact((4,), "int64", 9), 1, lambda: None, print, tmp_path)

    if fits:
        assert build()
        return
    with pytest.raises(BuildError, match=r"embedding has 9 rows, but the data gives 10 different indices \(0 to 9\)"):
        build()


def test_what_a_calculation_gives_is_not_guessed(tmp_path: Path) -> None:
    text = """
    layers:
      - StringLookup
      - Op: {op: mod, x2: 2}
      - Embedding: {input_dim: 2, output_dim: 2}
    """
    assert built(tmp_path, text, COLORS).output.shape == (None, 1, 2)
