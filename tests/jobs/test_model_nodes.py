"""What building tells of each node, those of models within the model too."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainctl.config.load import load

SIAMESE = Path(__file__).parents[2] / "configs" / "models" / "siamese.yaml"


@pytest.mark.tf
def test_shapes_and_parameters() -> None:
    from trainctl.jobs.model_nodes import BuiltNode, built_nodes

    nodes, whole = built_nodes(load(str(SIAMESE), ()))
    assert nodes["encoder", "dense"] == BuiltNode([8], 2312, 2312)
    assert nodes["distance",] == BuiltNode([1], 0, 0)
    assert whole.parameters == 2394
