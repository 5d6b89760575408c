import math

from trainctl.ui.metrics import base_names, best, list_panels, merge_panels, spark_line, without_classes

NAMES = (
    "loss",
    "val_loss",
    "price_loss",
    "sort_loss",
    "price_mae",
    "val_price_mae",
    "sort_f1_score",
    "sort_f1_score/a",
)


def test_parts_of_one_metric_share_a_row():
    assert base_names(["loss", "accuracy", "val_loss", "val_accuracy", "test_loss", "val_only"]) == [
        "loss",
        "accuracy",
        "only",
    ]


def test_a_metric_named_like_a_prefix_keeps_its_name():
    assert base_names(["val_", "test_"]) == ["val_", "test_"]


def test_best_is_the_earliest_of_equals_and_never_nan():
    points = [(1, math.nan), (2, 0.5), (3, 0.25), (4, 0.25)]
    assert best(points, "min") == (3, 0.25)
    assert best(points, "max") == (2, 0.5)


def test_there_is_no_best_where_nothing_tells():
    assert best([(1, 0.5)], None) is None
    assert best([(1, math.nan)], "min") is None


def test_spark_line_goes_from_low_to_high():
    assert spark_line([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], 16) == "▁▂▃▄▅▆▇█"


def test_spark_line_of_a_constant_stays_in_the_middle():
    assert spark_line([5.0, 5.0], 8) == "▅▅"


def test_spark_line_leaves_a_blank_for_nan():
    assert spark_line([0.0, math.nan, 1.0], 8) == "▁ █"
    assert spark_line([math.nan, math.inf], 8) == ""
    assert spark_line([], 8) == ""


def test_spark_line_shows_the_whole_of_a_long_history():
    line = spark_line([float(value) for value in range(1000)], 10)
    assert len(line) == 10
    assert (line[0], line[-1]) == ("▁", "█")


def test_spark_line_takes_huge_numbers():
    assert spark_line([-1.7e308, 1.7e308], 8) == "▁█"


def test_values_of_each_class_are_left_to_the_summary_where_there_is_a_mean():
    assert without_classes(["loss", "f1_score/cat", "f1_score", "val_f1_score/cat", "a/b"]) == [
        "loss",
        "f1_score",
        "val_f1_score/cat",
        "a/b",
    ]


def test_what_belongs_together_shares_a_panel():
    rows = [
        {"epoch": epoch, "learning_rate": rate, "seconds": 1.0, "note": "text", **dict.fromkeys(NAMES, 1.0)}
        for epoch, rate in ((1, 0.1), (2, 0.01))
    ]
    assert [(panel.title, panel.metrics) for panel in list_panels(rows)] == [
        ("loss", ("loss", "price_loss", "sort_loss")),
        ("price_mae", ("price_mae",)),
        ("f1_score", ("sort_f1_score", "sort_f1_score/a")),
        ("learning_rate", ("learning_rate",)),
    ]
    assert [panel.title for panel in merge_panels(list_panels(rows), 3)] == [
        "loss",
        "price_mae, f1_score",
        "learning_rate",
    ]
    assert list_panels(rows[:1])[-1].title == "f1_score"  # the rate of one epoch has not changed
