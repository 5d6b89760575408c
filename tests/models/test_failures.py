"""A failure in training points at the layer or the metric that it is about."""

from __future__ import annotations

import pytest
from workplace import Workplace

pytestmark = pytest.mark.tf

TEXT = """
data: {source: {Synthetic: {samples: 32, shape: [6], classes: 3, dtype: uint8}}, batch_size: 16}
model:
  layers:
    - Embedding: {input_dim: 256, output_dim: 4}
    - Flatten
    - Dense: {units: 3, activation: softmax}
compile: {loss: sparse_categorical_crossentropy, metrics: [accuracy]}
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("256", "2", "5:7: error[training]: Embedding failed while training: InvalidArgumentError: indices"),
        ("[accuracy]", "[accuracy, F1Score]", "8:70: error[training]: F1Score failed while training: ValueError: "),
    ],
)
def test_it_points_at_the_line(workplace: Workplace, old: str, new: str, told: str) -> None:
    config = workplace.folder / "x.yaml"
    config.write_text(TEXT.replace(old, new))
    ended = workplace.train(exit_code=6, config=config)
    assert f"x.yaml:{told}" in ended.stderr
