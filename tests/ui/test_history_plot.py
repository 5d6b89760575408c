import math
import struct
import subprocess
import sys

import pytest

from trainctl.ui.history_plot import Result, _make_figure, write_history_plot
from trainctl.ui.metrics import list_panels, merge_panels

ROWS = [
    {"epoch": 1, "loss": 1.0, "val_loss": 1.5, "accuracy": 0.5, "learning_rate": 0.1, "seconds": 2.0},
    {"epoch": 2, "loss": 0.5, "val_loss": math.nan, "accuracy": None, "learning_rate": 0.01, "seconds": 2.0},
]


def size(path) -> tuple[int, int]:
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG")
    return struct.unpack(">II", data[16:24])


def test_training_and_validation_share_a_panel_and_nan_leaves_a_gap():
    loss, accuracy, _ = _make_figure([ROWS], list_panels(ROWS), "mnist").axes
    assert [line.get_label() for line in loss.lines] == ["train", "validation"]
    assert list(loss.lines[0].get_ydata()) == [1.0, 0.5]
    assert math.isnan(loss.lines[1].get_ydata()[1])
    assert math.isnan(accuracy.lines[0].get_ydata()[1])


def test_stages_are_marked_where_they_begin():
    loss, *_ = _make_figure([ROWS], list_panels(ROWS), "mnist", stages={1: "head", 2: "finetune"}).axes
    assert [text.get_text() for text in loss.texts] == ["head", "finetune"]
    assert [list(line.get_xdata()) for line in loss.lines[2:]] == [[1.5, 1.5]]


def test_a_png_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "history.png"
    path.write_bytes(b"old")
    write_history_plot([ROWS], path, "a title with $math_ and 日本")
    assert min(size(path)) > 200
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("rows", [[{"epoch": 1, "loss": 0.5}], [{"epoch": 5, "loss": math.nan, "val_loss": math.inf}]])
def test_one_epoch_and_nothing_finite(tmp_path, rows):
    write_history_plot([rows], tmp_path / "history.png", "one")
    assert min(size(tmp_path / "history.png")) > 200


@pytest.mark.parametrize("rows", [[], [{"epoch": 1, "learning_rate": 0.1, "seconds": 1.0}]])
def test_nothing_measured_writes_nothing(tmp_path, rows):
    write_history_plot([rows], tmp_path / "history.png", "none")
    assert list(tmp_path.iterdir()) == []


def test_pyplot_stays_out(tmp_path):
    code = (
        "import sys, pathlib\nfrom trainctl.ui.history_plot import write_history_plot\n"
        f"write_history_plot([[{{'epoch': 1, 'loss': 1.0}}]], pathlib.Path({str(tmp_path / 'h.png')!r}), 't')\n"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"


def test_the_kept_epoch_the_test_and_the_run_are_marked():
    figure = _make_figure(
        [ROWS], list_panels(ROWS), "mnist", result=Result(2, {"test_loss": 0.7, "test_accuracy": None}, "a1")
    )
    loss, accuracy, _ = figure.axes
    drawn = {line.get_label(): list(line.get_data()) for line in loss.lines}
    assert drawn["kept: epoch 2"][0] == [2, 2]
    assert drawn["test"][1] == [0.7, 0.7]
    assert "test" not in {line.get_label() for line in accuracy.lines}
    assert figure.texts[-1].get_text() == "a1"


def test_related_metrics_share_a_panel_and_no_more_than_six_are_drawn(tmp_path):
    names = ["loss", "a_loss", "b_loss", *(f"metric{number}" for number in range(20))]
    rows = [
        {"epoch": epoch, **{key: 1.0 / epoch for name in names for key in (name, f"val_{name}")}} for epoch in (1, 2)
    ]
    figure = _make_figure([rows], merge_panels(list_panels(rows), 6), "many")
    drawn = [[line.get_label() for line in axes.lines] for axes in figure.axes]
    assert len(drawn) == 6
    assert drawn[0] == ["loss", "_", "a_loss", "_", "b_loss", "_", "training"]
    assert sorted(label for panel in drawn for label in panel if label.startswith("metric")) == sorted(names[3:])


def test_the_only_metric_of_one_output_is_drawn():
    rows = [{"epoch": 1, "loss": 2.0, "a_loss": 1.0, "a_accuracy": 0.5}]
    _, accuracy = _make_figure([rows], list_panels(rows), "one").axes
    assert list(accuracy.lines[0].get_ydata()) == [0.5]


def test_many_classes_are_drawn_behind_their_mean():
    names = ["f1", *(f"f1/{number}" for number in range(40))]
    rows = [{"epoch": 1, **dict.fromkeys(names, 0.5)}]
    (axes,) = _make_figure([rows], list_panels(rows), "classes").axes
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["40 others", "f1"]


def test_a_kept_epoch_and_the_constants_are_marked():
    figure = _make_figure([ROWS], list_panels(ROWS), "mnist", {"val_loss": {"mean": 1.1}}, result=Result(2))
    assert {"baseline (mean)", "kept: epoch 2"} <= {line.get_label() for line in figure.axes[0].lines}
