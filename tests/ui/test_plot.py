import re

import pytest
from matplotlib.figure import Figure

from trainctl.ui.plot import choose_scale, save


def figure_of(values) -> Figure:
    figure = Figure()
    figure.subplots().plot(range(len(values)), values, label="a <name> & $more")
    figure.axes[0].legend()
    choose_scale(figure.axes[0])
    return figure


@pytest.mark.parametrize(
    ("values", "scale"), [((1000.0, 0.1), "log"), ((1.0, 0.5), "linear"), ((1000.0, -0.1), "linear")]
)
def test_the_range_decides_the_scale(values, scale):
    assert figure_of(values).axes[0].get_yscale() == scale


@pytest.mark.parametrize("values", [(12345678.0, 12345679.0), (1e30, 2e30), (1e-7, 2e-7), (0.5, 0.5)])
def test_ticks_are_written_in_full_without_offset_and_differ(values):
    figure = figure_of(values)
    figure.draw_without_rendering()
    axis = figure.axes[0].yaxis
    ticks = [label.get_text() for label in axis.get_ticklabels()]
    assert axis.get_offset_text().get_text() == ""
    assert len(set(ticks)) == len(ticks)
    assert all(len(tick) <= 12 for tick in ticks)


@pytest.mark.parametrize("ending", ["svg", "pdf", "png"])
def test_the_same_figure_gives_the_same_bytes(tmp_path, ending):
    first, second = tmp_path / f"a.{ending}", tmp_path / f"b.{ending}"
    save(figure_of([1.0, 2.0]), first)
    save(figure_of([1.0, 2.0]), second)
    assert first.read_bytes() == second.read_bytes()
    assert not re.search(rb"<dc:date>|CreationDate", first.read_bytes())


def test_a_failure_leaves_the_old_picture_and_no_half_of_a_new_one(tmp_path, monkeypatch):
    path = tmp_path / "some.png"
    path.write_bytes(b"old")

    def fail(self, target, **options):
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", fail)
    with pytest.raises(OSError, match="No space left"):
        save(figure_of([1.0]), path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
