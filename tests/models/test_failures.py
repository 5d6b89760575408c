"""A failure in training points at the layer or the metric that it is about."""

from __future__ import annotations

import pytest
from workplace import Workplace

from trainctl.config.load import load

pytestmark = pytest.mark.tf

TEXT = """
data: {source: {Synthetic: {samples: 32, shape: [6], classes: 3, dtype: uint8}}, batch_size: 16}
model:
  layers:
    - Op: {op: abs}                # so that only training finds what reaches the embedding
    - Embedding: {input_dim: 256, output_dim: 4}
    - Flatten
    - Dense: {units: 3, activation: softmax}
compile: {loss: sparse_categorical_crossentropy, metrics: [accuracy]}
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("256", "2", "6:7: error[training]: Embedding failed while training: InvalidArgumentError: indices"),
    ],
)
def test_it_points_at_the_line(workplace: Workplace, old: str, new: str, told: str) -> None:
    config = workplace.folder / "x.yaml"
    config.write_text(TEXT.replace(old, new))
    ended = workplace.train(exit_code=6, config=config)
    assert f"x.yaml:{told}" in ended.stderr


def test_a_metric_is_found_by_the_class_that_speaks(workplace: Workplace) -> None:
    from trainctl.models.failures import find_culprit

    config = workplace.folder / "x.yaml"
    config.write_text(TEXT.replace("[accuracy]", "[accuracy, F1Score]"))
    found = find_culprit(
        ValueError("FBetaScore expects 2D inputs with shape (batch_size, output_dim)"), load(str(config)).experiment
    )
    assert found is not None
    assert (found.name, found.path) == ("F1Score", "compile.metrics.F1Score")
    assert found.location is not None
    assert (found.location.line, found.location.column) == (9, 70)
