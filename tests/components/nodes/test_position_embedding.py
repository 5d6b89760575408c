"""PositionEmbedding: what its spec takes, checked without TensorFlow."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphs import experiment

from trainctl.components.nodes.position_embedding import PositionEmbedding
from trainctl.errors import ConfigError


def test_without_arguments_positions_are_learned(tmp_path: Path) -> None:
    [node] = experiment(tmp_path, "layers: [PositionEmbedding]").model.layers
    assert isinstance(node.component, PositionEmbedding)
    assert (node.component.kind, node.component.length) == ("learned", None)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [("{kind: sine}", "PositionEmbedding.kind"), ("{length: 0}", "PositionEmbedding.length"), ("{dim: 4}", "'dim'")],
)
def test_what_it_does_not_take(tmp_path: Path, arguments: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        experiment(tmp_path, f"layers:\n  - PositionEmbedding: {arguments}")
    assert said in caught.value.diagnostics[0].message
