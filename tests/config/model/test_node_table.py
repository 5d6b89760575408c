"""The nodes of a model as lines: automatic names, models within it, shared layers."""

from __future__ import annotations

from pathlib import Path

from trainctl.config.load import load
from trainctl.config.model.node_table import NodeLine, node_lines

SIAMESE = Path(__file__).parents[3] / "configs" / "models" / "siamese.yaml"


def test_lines_of_a_siamese_model() -> None:
    lines = {line.path: line for line in node_lines(load(str(SIAMESE), ()).experiment.model)}
    assert list(lines)[:4] == [("left",), ("right",), ("encoder",), ("encoder", "input")]
    assert lines["encoder", "flatten"] == NodeLine("flatten", ("encoder",), "Flatten", ("conv2d",))
    assert (lines["other",].shares, lines["other",].takes) == ("encoder", ("right",))
    assert lines["square",].component == "Op: square"
