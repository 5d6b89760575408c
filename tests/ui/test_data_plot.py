"""Every kind of panel is drawn, into one picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from trainctl.ui.data_plot import Bars, Curves, Histogram, Panel, Picture, Text, write_data_plot

PANELS: list[Panel] = [
    Bars("labels", ["no", "a$b_"], [[3, 1]]),
    Bars("town, by class", ["Bonn", "Köln"], [[3, 1], [0, 2]], ["no", "yes"]),
    Histogram("age", [np.arange(9.0), np.arange(4.0)], ["no", "yes"]),
    Histogram("when", [np.arange(20_000.0, 20_400.0)], dates=True),
    Histogram("nothing there", [np.array([])]),
    Picture(np.zeros((4, 6, 3), np.uint8), "cat"),
    Picture(np.full((4, 6, 1), 0.5, np.float32), "a very long name of a class that does not fit"),
    Text("word " * 200, "pos"),
    Text("", ""),
    Curves("window", [("x", np.arange(5.0))], ([5, 6], [1.0, 2.0])),
]


@pytest.mark.parametrize(("name", "begin"), [("a.png", b"\x89PNG"), ("a.svg", b"<?xml"), ("a.pdf", b"%PDF")])
def test_all_panels_in_one_picture(tmp_path: Path, name: str, begin: bytes) -> None:
    write_data_plot(PANELS, tmp_path / name, "data.csv")
    assert (tmp_path / name).read_bytes().startswith(begin)


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: type(panel).__name__)
def test_one_panel_alone(tmp_path: Path, panel: Panel) -> None:
    write_data_plot([panel], tmp_path / "a.png", "x")
    assert (tmp_path / "a.png").stat().st_size > 1000


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        write_data_plot(PANELS[:1], tmp_path / "none" / "a.png", "x")
