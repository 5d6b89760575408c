import json
import math

import pytest

from trainctl.ui.page.charts import COLORS, Chart, Curve, Mark, bars, draw
from trainctl.ui.page.elements import to_html

EPOCHS = [1.0, 2.0, 3.0, 4.0]


def test_a_gap_splits_the_curve_and_a_lone_value_is_a_dot() -> None:
    figure = draw(Chart("loss", "epoch", [Curve("training", EPOCHS, [1.0, None, 3.0, math.nan])]))
    assert len(figure.findall(".//polyline")) == 2
    assert len(figure.findall(".//circle")) == 2
    assert figure.find("svg").get("aria-label") == "loss over epoch: training"


def test_the_script_gets_the_values_and_null_for_what_is_none() -> None:
    figure = draw(Chart("loss", "epoch", [Curve("</script>", EPOCHS, [1.0, math.inf, 3.123456789, None])]))
    read = json.loads(figure.get("data-chart"))
    assert read["curves"] == [{"label": "</script>", "x": EPOCHS, "y": [1.0, None, 3.12346, None]}]
    assert "</script>" not in to_html(figure)


def test_many_epochs_are_thinned_and_no_peak_is_lost() -> None:
    values: list[float | None] = [1.0] * 10_000
    values[7_777] = 9.0
    figure = draw(Chart("loss", "epoch", [Curve("training", range(10_000), values)], points=100))
    (curve,) = json.loads(figure.get("data-chart"))["curves"]
    assert len(curve["x"]) <= 100
    assert max(curve["y"]) == 9.0


@pytest.mark.parametrize(
    "values", [[1e308, -1e308], [0.0], [5.0, 5.0], [1e-300, 1e300], [1e-310, 1.0], [-1.0, 2e9], [1e-5, 1.5e-5]]
)
def test_any_finite_range_can_be_drawn(values: list[float]) -> None:
    figure = draw(Chart("loss", "epoch", [Curve("training", EPOCHS[: len(values)], values)]))
    places = [float(each.get("cy")) for each in figure.iter("circle")]
    assert all(0 <= place <= 250 for place in places)
    assert len(figure.findall(".//text")) >= 3


def test_marks_are_drawn_and_named() -> None:
    chart = Chart("loss", "epoch", [Curve("a", EPOCHS, EPOCHS)], [Mark("baseline", 2.0)], [Mark("kept: epoch 3", 3.0)])
    html = to_html(draw(chart))
    assert "baseline 2" in html
    assert "kept: epoch 3" in html


def test_curves_without_a_color_are_counted() -> None:
    html = to_html(draw(Chart("f1", "epoch", [Curve(str(n), EPOCHS, EPOCHS, n) for n in range(COLORS + 5)])))
    assert "5 others" in html


def test_nothing_finite() -> None:
    assert "no finite value" in to_html(draw(Chart("loss", "epoch", [Curve("a", [1.0], [math.nan])])))


def test_bars_say_their_values() -> None:
    html = to_html(bars("Time", [("training", 2.0, "2 s"), ("<b>", -1.0, "-1 s"), ("nan", math.nan, "nan")]))
    assert 'width="100"' in html
    assert "&lt;b&gt;" in html
