"""`trainctl explain`: the resolved experiment, a value's origin, the call order of callbacks."""

from __future__ import annotations

import json

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


def test_a_path_that_leads_nowhere_is_refused(workplace: Workplace) -> None:
    ended = workplace.call("explain", str(workplace.write()), "fit.epoch")
    assert ended.exit_code in {2, 3}
    assert "epochs" in ended.stderr
