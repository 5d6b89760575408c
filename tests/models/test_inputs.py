"""The model's inputs: how many samples every batch has, where the model has to know."""

from __future__ import annotations

from typing import Any

import pytest
from workplace import SMALL, Workplace

pytestmark = pytest.mark.tf

LAYERS = [
    {"Reshape": {"target_shape": [4, 1]}},
    {"GRU": {"units": 4, "stateful": True}},
    {"Dense": {"units": 3, "activation": "softmax"}},
]


@pytest.mark.parametrize(
    ("inputs", "batch_size", "message"),
    [
        ({}, 10, "inputs: {x: {batch_size: …}}"),
        ({"x": {"batch_size": 10}}, 16, "takes batches of 10 samples, but data.batch_size is 16"),
        ({"x": {"batch_size": 16}}, 16, "120 samples leave a last batch of 8"),
        ({"x": {"batch_size": 20}}, 20, "30 samples leave a last batch of 10"),
    ],
)
def test_batches_of_another_size_are_refused(
    workplace: Workplace, inputs: dict[str, Any], batch_size: int, message: str
) -> None:
    sections = {"data": {**SMALL["data"], "batch_size": batch_size}, "model": {"inputs": inputs, "layers": LAYERS}}
    ended = workplace.call("validate", "--build", str(workplace.write(**sections)))
    assert ended.exit_code == 5
    assert message in ended.stderr


def test_layers_that_carry_their_state_train(workplace: Workplace) -> None:
    run = workplace.train(
        data={**SMALL["data"], "batch_size": 10, "test_split": 0.2},
        model={"inputs": {"x": {"batch_size": 10}}, "layers": LAYERS},
    )
    assert run.record["status"] == "done"
