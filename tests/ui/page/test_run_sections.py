import math
from dataclasses import replace

from trainctl.ui.page import run_sections
from trainctl.ui.page.elements import tag, to_html
from trainctl.ui.page.facts import Child, Details, Layer, Model, RunFacts, Setting, parse

RECORD = {
    "seconds": 61.0,
    "epochs_run": 2,
    "kept_epoch": 2,
    "parameters": 1234,
    "directions": {"loss": "min", "accuracy": "max"},
    "baseline": {"val_loss": {"mean": 1.0}, "val_accuracy": {"majority": 0.9}},
    "expectations": [{"metric": "val_loss", "op": "<", "bound": 1, "value": None, "met": False}],
    "timing": {"training": 2.0, "beginning": 0.1},
    "callback_seconds": {"EarlyStopping": 0.5},
    "data": {"source": "CSV", "train_samples": 1000, "stand_in_for": "MNIST"},
    "error": {"message": "first line\nsecond line", "hint": None},
    "versions": {"keras": "3.15"},
}
HISTORY = [
    {"epoch": 1, "loss": 1.0, "val_loss": 0.9, "accuracy": 0.4, "val_accuracy": None, "seconds": 3.0},
    {"epoch": 2, "loss": 0.5, "val_loss": 0.4, "accuracy": 0.6, "val_accuracy": math.inf, "seconds": 1.0},
]
RUN = RunFacts("1", "mnist", "done", "runs/1", RECORD, {"val_loss": 0.4, "val_accuracy": 0.6}, history=[HISTORY])


def html(section, run: RunFacts = RUN) -> str:
    return to_html(tag("main", *section(run)))


def test_the_summary_judges_by_the_baseline_and_tells_what_went_wrong() -> None:
    page = html(run_sections.summary, replace(RUN, notices=("data is small",), tags=("paper",), note="a\nb"))
    for text in (
        "no better than the baseline: val_accuracy",
        "better than the baseline: val_loss",
        "0.4000 in epoch 2",
        "<p>first line</p><p>second line</p>",
        "trained on CSV, because MNIST could not be downloaded",
        "not met",
        "data is small",
        "1,234",
        "paper",
    ):
        assert text in page


def test_a_run_without_any_result() -> None:
    run = RunFacts("1", "mnist", "died", "runs/1", {}, {})
    assert "no metric was recorded" in html(run_sections.summary, run)
    assert "no epoch has ended" in html(run_sections.curves, run)
    assert "the data was not loaded" in html(run_sections.data, run)
    assert "were not recorded" in html(run_sections.model, run)
    assert "were not recorded" in html(run_sections.costs, run)
    html(run_sections.environment, run)
    html(run_sections.configuration, run)


def test_curves_are_charts_and_a_table() -> None:
    page = html(run_sections.curves)
    assert page.count('class="chart"') == 2
    assert "baseline (mean) 1" in page
    assert "kept: epoch 2" in page
    assert page.count('scope="row"') == 2


def test_ten_thousand_epochs_of_many_metrics_stay_small() -> None:
    names = [name for number in range(40) for name in (f"metric{number}", f"val_metric{number}")]
    rows = [{"epoch": epoch, **dict.fromkeys(names, 1 / epoch)} for epoch in range(1, 10_001)]
    page = html(run_sections.curves, replace(RUN, history=[rows]))
    assert len(page) < 2_000_000
    assert "every 100th of 10,000 epochs" in page


def test_several_runs_in_one() -> None:
    children = [Child("1", "done", 2, {"test_loss": 0.5}), Child("2", "died", 1, {})]
    run = replace(RUN, kind="folds", children=children, history=[HISTORY, HISTORY], deviations={"val_loss": 0.1})
    assert "0.4000 ± 0.1000" in html(run_sections.summary, run)
    assert "test_loss" in html(run_sections.summary, run)
    assert "lie over each other" in html(run_sections.curves, run)


def test_data_with_its_warnings() -> None:
    details = parse(
        Details,
        {
            "columns": {
                "age": {"kind": "numeric", "missing": 3, "distinct": 9, "min": 1.0, "max": 80.0, "use": "scaled"}
            },
            "inputs": {"x": {"dtype": "uint8", "shape": [28, None], "min": 0.0, "max": 255.0}},
            "labels": {"y": {"classes": {"cat": 3, "dog": 1}}, "price": {"min": 1.0, "max": 9.0}},
            "warnings": [{"code": "leakage", "column": "age", "text": "age tells the label"}],
        },
    )
    page = html(run_sections.data, replace(RUN, details=details))
    for text in ("age tells the label", "1 to 80", "28×?", "3 (75%)", "price: 1 to 9"):
        assert text in page
    assert "damaged" in html(run_sections.data)


def test_configuration_and_model() -> None:
    settings = [Setting("fit:"), Setting("  epochs: 3", "--set #1:1:12", "30 from experiment.yaml:3:4")]
    page = html(run_sections.configuration, replace(RUN, settings=settings))
    assert "  epochs: 3</th><td>--set #1:1:12</td><td>30 from experiment.yaml:3:4" in page
    nodes = [Layer(name="a", layer="Dense", shape=[None, 8], parameters=10), Layer(name="b", layer="B", within=["a"])]
    page = html(run_sections.model, replace(RUN, model=Model(name="net", nodes=nodes, node_count=9)))
    for text in ("?×8", "│ b", "the first 2 of 9 nodes"):
        assert text in page


def test_costs() -> None:
    page = html(run_sections.costs)
    for text in ("2.0 s (95%)", "EarlyStopping", "the first 3, the others 1 on average"):
        assert text in page


def test_nan_is_told_and_beats_nothing() -> None:
    history = [{"epoch": 1, "loss": 1.0}, {"epoch": 2, "loss": None, "late": 3.0}]
    run = replace(RUN, metrics={"val_loss": None}, history=[history])
    assert "no better than the baseline: val_loss" in html(run_sections.summary, run)
    assert ">nan</td>" in html(run_sections.curves, run)


def test_what_is_left_out_is_counted() -> None:
    rows = [{"epoch": 1, **{f"f1/{number}": 0.5 for number in range(60)}}]
    assert "f1: 40 of 60 curves" in html(run_sections.curves, replace(RUN, history=[rows]))
    details = parse(Details, {"labels": {"y": {"classes": {str(number): 1 for number in range(60)}}}})
    assert "the 50 largest of 60 classes" in html(run_sections.data, replace(RUN, details=details))
    assert "<p>…</p>" in html(run_sections.summary, replace(RUN, note="a\n" * 30))
