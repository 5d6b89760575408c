import math
import struct
import subprocess
import sys

import pytest

from trainctl.ui.plot import Result, _make_figure, list_panels, write_history_plot

ROWS = [
    {"epoch": 1, "loss": 1.0, "val_loss": 1.5, "accuracy": 0.5, "learning_rate": 0.1, "seconds": 2.0},
    {"epoch": 2, "loss": 0.5, "val_loss": math.nan, "accuracy": None, "learning_rate": 0.01, "seconds": 2.0},
]


def size(path) -> tuple[int, int]:
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG")
    return struct.unpack(">II", data[16:24])


def test_one_panel_a_metric_and_the_learning_rate_where_it_changes():
    assert list_panels(ROWS) == ["loss", "accuracy", "learning_rate"]
    assert list_panels(ROWS[:1]) == ["loss", "accuracy"]


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


def test_a_failure_leaves_the_old_picture_and_no_half_of_a_new_one(tmp_path, monkeypatch):
    path = tmp_path / "history.png"
    path.write_bytes(b"old")

    def fail(self, target, **options):
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", fail)
    with pytest.raises(OSError, match="No space left"):
        write_history_plot([ROWS], path, "full")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_pyplot_stays_out(tmp_path):
    code = (
        "import sys, pathlib\nfrom trainctl.ui.plot import write_history_plot\n"
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


@pytest.mark.parametrize(
    ("values", "scale"), [((1000.0, 0.1), "log"), ((1.0, 0.5), "linear"), ((1000.0, -0.1), "linear")]
)
def test_the_range_decides_the_scale(values, scale):
    rows = [{"epoch": epoch, "loss": value} for epoch, value in enumerate(values, 1)]
    (loss,) = _make_figure([rows], ["loss"], "mnist").axes
    assert loss.get_yscale() == scale


def test_no_tick_has_an_offset():
    rows = [{"epoch": epoch, "loss": 12345678 + epoch} for epoch in range(1, 4)]
    figure = _make_figure([rows], ["loss"], "mnist")
    figure.draw_without_rendering()
    assert figure.axes[0].yaxis.get_offset_text().get_text() == ""
