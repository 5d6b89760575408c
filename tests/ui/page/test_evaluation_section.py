from trainctl.ui.page.elements import tag, to_html
from trainctl.ui.page.evaluation_section import evaluation
from trainctl.ui.page.facts import Evaluated, RunFacts, parse

HOSTILE = "</script><img src=x onerror=alert(1)>"
CURVE = [0.0, 0.5, 1.0]


def html(
    recorded: dict[str, object] | None, *, note: str = "from evaluations/1.json", images: tuple[str, ...] = ()
) -> str:
    found = None if recorded is None else parse(Evaluated, recorded)
    run = RunFacts("1", "run", "done", "runs/1", {}, {}, evaluation=found, evaluation_note=note, images=images)
    return to_html(tag("main", *evaluation(run)))


def test_no_evaluation_says_why() -> None:
    assert html(None, note="no evaluation: trainctl evaluate 1") == (
        '<main><p class="note">no evaluation: trainctl evaluate 1</p></main>'
    )


def test_classes() -> None:
    page = html(
        {
            "split": "test",
            "samples": 4,
            "checkpoint": "model.keras",
            "metrics": {"test_accuracy": 0.75, "test_loss": None},
            "baseline": {"test_accuracy": {"majority": 0.5}},
            "confusion_matrix": {"labels": [HOSTILE, "b"], "counts": [[2, 0], [1, 1]]},
            "per_class": [{"class": HOSTILE, "precision": 0.66, "support": 2}],
            "roc": {"auc": 0.8, "false_positive_rate": CURVE, "true_positive_rate": CURVE},
            "precision_recall": {"average_precision": 0.7, "precision": CURVE, "recall": CURVE[::-1]},
            "threshold": {"value": 0.4, "f1": 0.9, "f1_at_0.5": 0.8},
            "calibration": {"expected_error": 0.1, "bins": [{"confidence": 0.9, "accuracy": 0.8, "count": 4}]},
            "mistakes": [
                {"row": 3, "label": HOSTILE, "prediction": "b", "probability": 0.9, "values": {HOSTILE: HOSTILE}}
            ],
            "importance": {
                "score": "accuracy",
                "rows": 4,
                "columns": [{"column": HOSTILE, "mean": 0.1, "deviation": 0.0}],
            },
        },
        images=("data:image/png;base64,AA",),
    )
    assert "<img src=x" not in page
    assert page.count("<img") == 1
    assert "4 samples of the test split, with model.keras" in page
    assert "majority class: 0.5000" in page
    assert 'class="n h9"' in page  # all of a row in one cell
    for title in ("ROC curve", "Precision and recall", "Calibration", "Worst mistakes", "Importance", "Classes"):
        assert title in page


def test_of_many_classes_what_is_confused_most() -> None:
    labels = [f"class {number}" for number in range(30)]
    counts = [[5 if row == column else 0 for column in range(30)] for row in range(30)]
    counts[3][7] = 4
    page = html({"metrics": {"accuracy": 0.9}, "confusion_matrix": {"labels": labels, "counts": counts}})
    assert '<th scope="row">class 3</th><td>class 7</td><td class="n">4</td>' in page


def test_numbers_and_several_outputs() -> None:
    regression = {"mae": 1.0, "rmse": 1.5, "r2": None, "residual_deciles": [{"from": 0.0, "to": 1.0, "count": 2}]}
    points = {"label": [1.0, 2.0], "predicted": [1.5, 2.5]}
    worst = [{"row": 1, "label": [1.0, 2.0], "prediction": [3.0], "values": {}}]
    known = {"regression": regression, "points": points, "mistakes": worst}
    page = html({"metrics": {"loss": 1.0}, "outputs": {"price": known, "sort": {"not_finite": 2}}})
    for text in (">output price</strong>", "Predicted against label", "RMSE", "nan", "NaN or infinite: 2"):
        assert text in page
    assert "probability" not in page
