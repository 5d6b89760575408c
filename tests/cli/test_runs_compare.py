"""`trainctl runs compare`."""

from __future__ import annotations

import json

from shelf import three
from workplace import Workplace


def test_differences_and_the_best(workplace: Workplace) -> None:
    three(workplace.folder / "runs")
    shown = workplace.call("runs", "compare", "20260101", "20260102").stdout
    cells = [line.split() for line in shown.splitlines()]
    assert ["model.layers.0.Dense.units", "8", "16"] in cells
    assert ["val_loss", "0.5000", "0.2000", "*"] in cells
    found = json.loads(workplace.call("runs", "compare", "20260101", "20260102", "--json").stdout)
    assert found["settings"] == [{"path": "model.layers.0.Dense.units", "values": [8, 16]}]
    assert found["results"][0]["best"] == ["20260102-120000-bbbbbb"]


def test_curves_and_misuse(workplace: Workplace) -> None:
    three(workplace.folder / "runs")
    assert workplace.call("runs", "compare", "20260101").exit_code == 2
    ended = workplace.call("runs", "compare", "20260101", "20260102", "--plot", "curves.svg")
    assert ended.exit_code == 0
    assert (workplace.folder / "curves.svg").read_text().startswith("<?xml")
