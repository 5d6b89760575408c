"""`trainctl explain`: the resolved experiment, a value's origin, the call order of callbacks."""

from __future__ import annotations

import json

import pytest
from workplace import Workplace


def test_every_value_has_its_place(workplace: Workplace) -> None:
    ended = workplace.call("explain", str(workplace.write()))
    assert ended.exit_code == 0
    assert any("batch_size" in line and "experiment.yaml:" in line for line in ended.stdout.splitlines())


def test_one_value_with_what_it_replaced(workplace: Workplace) -> None:
    ended = workplace.call("explain", str(workplace.write()), "fit.epochs", "--set", "fit.epochs=7")
    first, origin, before = ended.stdout.splitlines()
    assert first == "fit.epochs: 7"
    assert "--set" in origin
    assert "2" in before
    assert "experiment.yaml" in before


def test_as_json(workplace: Workplace) -> None:
    found = json.loads(workplace.call("explain", str(workplace.write()), "fit.epochs", "--json").stdout)
    assert (found["path"], found["value"]) == ("fit.epochs", 2)
    assert found["origins"]


def test_callbacks_in_the_order_in_which_they_are_called(workplace: Workplace) -> None:
    config = workplace.write(callbacks=["TerminateOnNaN", {"EarlyStopping": {"monitor": "loss"}}])
    ended = workplace.call("explain", str(config), "callbacks")
    assert ended.stdout.index("on_batch_end") < ended.stdout.rindex("EarlyStopping")


def test_the_call_order_of_each_stage(workplace: Workplace) -> None:
    stages = [{"name": "head"}, {"callbacks": ["TerminateOnNaN"]}]
    config = str(workplace.write(callbacks=[{"EarlyStopping": {"monitor": "loss"}}], stages=stages))
    whole = workplace.call("explain", config, "callbacks").stdout
    head, _, second = whole.partition("in stage head:")[2].partition("in stage 2:")
    assert ("EarlyStopping" in head, "TerminateOnNaN" in head) == (True, False)
    assert ("EarlyStopping" in second, "TerminateOnNaN" in second) == (False, True)
    alone = workplace.call("explain", config, "stages.head.callbacks").stdout
    assert ("in stage head:" in alone, "in stage 2:" in alone) == (True, False)


def test_a_path_that_leads_nowhere_is_refused(workplace: Workplace) -> None:
    ended = workplace.call("explain", str(workplace.write()), "fit.epoch")
    assert ended.exit_code in {2, 3}
    assert ended.stderr.startswith("error[path]: fit has no 'epoch'\n")
    assert "epochs" in ended.stderr


def test_the_nodes_of_the_model(workplace: Workplace) -> None:
    config = str(workplace.write())
    ended = workplace.call("explain", config, "model")
    assert ended.stdout.splitlines()[-2:] == ["dense    Dense      input", "dense_1  Dense      dense"]
    nodes = json.loads(workplace.call("explain", config, "model", "--json").stdout)["nodes"]
    assert [each["name"] for each in nodes] == ["input", "dense", "dense_1"]
    drawn = workplace.call("explain", config, "model", "--plot", "model.svg")
    assert drawn.stdout.splitlines()[-1] == "picture model.svg"
    assert (workplace.folder / "model.svg").exists()


def test_plot_and_build_are_for_the_model(workplace: Workplace) -> None:
    ended = workplace.call("explain", str(workplace.write()), "data", "--build")
    assert (ended.exit_code, "for the model" in ended.stderr) == (2, True)


@pytest.mark.tf
def test_shapes_and_parameters_of_the_built_model(workplace: Workplace) -> None:
    ended = workplace.call("explain", str(workplace.write()), "model", "--build")
    assert [line.split()[-2:] for line in ended.stdout.splitlines()[1:]] == [
        ["4", "0"],
        ["8", "40"],
        ["3", "27"],
        ["total", "67"],
    ]
