"""A picture of a graph: branches side by side, and nothing on top of another."""

from __future__ import annotations

from pathlib import Path

from trainctl.ui.graph_plot import Box, _lanes, _rows, write_graph_plot


def box(name: str, *takes: str) -> Box:
    return Box(tuple(name.split("/")), "Dense", name, tuple(tuple(each.split("/")) for each in takes))


def test_branches_are_side_by_side_and_skips_stay_in_their_lane(tmp_path: Path) -> None:
    boxes = [
        box("x"),
        box("y"),
        box("a", "x"),
        box("b", "y"),
        box("c", "a"),
        box("sum", "c", "b"),
        box("skip", "sum", "a"),
    ]
    lanes = _lanes(boxes)
    rows = _rows(boxes, lanes)
    assert {name: lanes[name,] for name in ("x", "y", "a", "b", "sum", "skip")} == {
        "x": 0,
        "y": 1,
        "a": 0,
        "b": 1,
        "sum": 0,
        "skip": 0,
    }
    assert len({(lanes[each.path], rows[each.path]) for each in boxes}) == len(boxes)
    assert all(rows[each.path] > rows[taken] for each in boxes for taken in each.takes)
    write_graph_plot([*boxes, box("m", "skip"), box("m/input", "m"), box("end", "m")], tmp_path / "graph.svg", "a & b")
    assert "<svg" in (tmp_path / "graph.svg").read_text()
