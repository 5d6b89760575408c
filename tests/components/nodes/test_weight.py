"""Weight: what its spec takes, checked without TensorFlow."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphs import experiment

from trainctl.components.nodes.weight import Weight
from trainctl.errors import ConfigError


def test_it_needs_a_shape_and_takes_how_it_begins(tmp_path: Path) -> None:
    text = "layers:\n  - Weight: {shape: [1, 64], initializer: {RandomNormal: {stddev: 0.02}}, regularizer: l2}"
    [node] = experiment(tmp_path, text).model.layers
    assert isinstance(node.component, Weight)
    assert node.component.shape == (1, 64)
    assert node.component.initializer.name == "RandomNormal"
    assert node.component.regularizer.name == "l2"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("{}", "Weight needs the argument 'shape'"),
        ("{shape: []}", "Weight.shape"),
        ("{shape: [0]}", "Weight.shape"),
        ("{shape: [2], initializer: glorot_unifrm}", "no initializer called 'glorot_unifrm'"),
        ("{shape: [2]}\n    freeze: true", "freeze"),
    ],
)
def test_what_it_does_not_take(tmp_path: Path, arguments: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        experiment(tmp_path, f"layers:\n  - Weight: {arguments}")
    assert said in caught.value.diagnostics[0].message
