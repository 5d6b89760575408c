"""What was trained is used: also with several inputs and outputs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from workplace import Ended, Workplace

pytestmark = pytest.mark.tf

CONFIG = Path(__file__).parents[2] / "configs" / "models" / "many_inputs_outputs.yaml"


@pytest.fixture(scope="module")
def trained(shared_workplace: Workplace) -> Workplace:
    shared_workplace.train("-s", "fit.epochs=1", "-s", "callbacks=null", config=CONFIG)
    np.savez(shared_workplace.folder / "both.npz", title=np.zeros((3, 12), "float32"), page=np.ones((3, 6), "float32"))
    np.save(shared_workplace.folder / "one.npy", np.zeros((3, 12), "float32"))
    return shared_workplace


def predict(trained: Workplace, file: str, *options: str) -> Ended:
    return trained.call("predict", "latest", str(trained.folder / file), *options)


def test_outputs_stand_side_by_side(trained: Workplace) -> None:
    head, *rows = predict(trained, "both.npz").stdout.splitlines()
    assert set(head.split(",")) == {"topic_0", "topic_1", "topic_2", "topic_3", "stars"}
    assert len(rows) == 3


def test_outputs_are_written_by_name(trained: Workplace) -> None:
    assert predict(trained, "both.npz", "-o", str(trained.folder / "out.npz")).exit_code == 0
    with np.load(trained.folder / "out.npz") as out:
        assert {name: out[name].shape for name in out.files} == {"topic": (3, 4), "stars": (3, 1)}
    assert predict(trained, "both.npz", "-o", str(trained.folder / "out.npy")).exit_code == 2


def test_each_input_is_needed(trained: Workplace) -> None:
    ended = predict(trained, "one.npy")
    assert ended.exit_code == 4
    assert "does not hold" in ended.stderr


def test_evaluate_tells_each_output(trained: Workplace) -> None:
    ended = trained.call("evaluate", "latest", "--json")
    assert ended.exit_code == 0, ended.stderr
    metrics = json.loads(ended.stdout)
    assert "topic_accuracy" in json.dumps(metrics)
