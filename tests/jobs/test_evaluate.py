"""A run's model is evaluated on its data: with each output, and with a word where the data has changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from workplace import Workplace

pytestmark = pytest.mark.tf

CONFIG = Path(__file__).parents[2] / "configs" / "models" / "many_inputs_outputs.yaml"
SHOP = "age;town;new;label\n" + "".join(
    f"{age};{'Bonn' if age % 2 else '-'};{'yes' if age % 3 else 'no'};{'old' if age > 40 else 'young'}\n"
    for age in range(20, 60)
)


def test_evaluate_tells_each_output(workplace: Workplace) -> None:
    workplace.train("-s", "fit.epochs=1", "-s", "callbacks=null", config=CONFIG)
    ended = workplace.call("evaluate", "latest", "--json")
    assert ended.exit_code == 0, ended.stderr
    metrics = json.loads(ended.stdout)
    assert "topic_accuracy" in json.dumps(metrics)


@pytest.mark.filterwarnings("ignore:Skipping nested container")  # Keras, before it says that the shapes differ
def test_evaluate_tells_that_the_data_has_changed(workplace: Workplace) -> None:
    (workplace.folder / "shop.csv").write_text(SHOP)
    source = {"CSV": {"path": "shop.csv", "label": "label", "separator": ";"}}
    run = workplace.train(
        data={"source": source}, model={"layers": [{"Dense": {"units": 2, "activation": "softmax"}}]}, fit={"epochs": 1}
    )
    assert "has changed" not in workplace.call("evaluate", str(run.directory)).stderr
    (workplace.folder / "shop.csv").write_text(SHOP + "61;Bonn;yes;old\n")
    ended = workplace.call("evaluate", str(run.directory))
    assert ended.exit_code == 0
    assert "the data has changed since the run" in ended.stderr
    (workplace.folder / "shop.csv").write_text(SHOP + "61;Oslo;yes;old\n")  # one more category, one more input
    ended = workplace.call("evaluate", str(run.directory))
    assert ended.exit_code == 7
    assert "the data has changed since the run" in ended.stderr
