"""Each input of the model gets the array that it names, whatever the arrays and the inputs are called."""

from __future__ import annotations

import numpy as np
import pytest
from workplace import Workplace

from trainctl.components.dataset import Samples
from trainctl.data.taken import renamed


def taken(inputs: dict[str, str]) -> dict[str, int]:
    """Which array each input gets: the arrays hold their numbers."""
    arrays = {name: np.full((2, 1), number) for number, name in enumerate("abc")}
    found = renamed(Samples(arrays, np.zeros(2, np.int64)), inputs).x
    return {name: int(rows[0, 0]) for name, rows in found.items() if name in inputs}


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"a": "a", "b": "b"}, {"a": 0, "b": 1}),
        ({"left": "a", "b": "b"}, {"left": 0, "b": 1}),
        ({"a": "b", "b": "a"}, {"a": 1, "b": 0}),
        ({"a": "b"}, {"a": 1}),
        ({"a": "b", "b": "b"}, {"a": 1, "b": 1}),
    ],
)
def test_an_input_gets_the_array_that_it_names(inputs: dict[str, str], expected: dict[str, int]) -> None:
    assert taken(inputs) == expected


@pytest.mark.tf
def test_arrays_may_change_places(workplace: Workplace) -> None:
    ids = {"a": np.tile([[0, 2]], (40, 1)), "b": np.tile([[0, 9]], (40, 1))}
    np.savez(workplace.folder / "two.npz", **ids, y=np.arange(40) % 2)
    layers = [
        {"Embedding": {"input_dim": 10, "output_dim": 2, "name": "of_a"}, "from": "a"},
        {"Embedding": {"input_dim": 3, "output_dim": 2, "name": "of_b"}, "from": "b"},
        {"Concatenate": {}, "from": ["of_a", "of_b"]},
        {"Flatten": {}},
        {"Dense": {"units": 1, "activation": "sigmoid"}},
    ]
    sections = {
        "data": {"source": {"NPZ": {"path": "two.npz", "x": ["a", "b"]}}},
        "model": {"inputs": {"a": {"array": "b"}, "b": {"array": "a"}}, "layers": layers},
        "compile": {"loss": "binary_crossentropy"},
    }
    config = str(workplace.write(**sections))
    assert workplace.call("validate", "--step", config).exit_code == 0
    ended = workplace.call("validate", "--build", config, "--set", "model.layers.of_a.input_dim=9")
    assert ended.exit_code == 5
    assert "of_a has 9 rows, but the input 'a' gives 10 different indices (0 to 9)" in ended.stderr
