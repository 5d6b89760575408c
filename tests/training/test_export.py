"""An exported model is compared with the original by name, whatever order a format has for inputs and outputs."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from trainctl.runs.layout import RunDirectory
from trainctl.training.export import _difference, export

pytestmark = pytest.mark.tf


@pytest.mark.parametrize("kind", ["litert", "saved_model"])
@pytest.mark.parametrize("is_named", [True, False])
def test_inputs_and_outputs_in_any_order(tmp_path: Path, kind: str, is_named: bool) -> None:
    inputs = {name: keras.Input((size,), name=name) for name, size in {"b": 3, "a": 2}.items()}
    joined = keras.layers.Concatenate()(list(inputs.values()))
    outputs = {name: keras.layers.Dense(units, name=name)(joined) for name, units in {"z": 4, "x": 1, "y": 4}.items()}
    model = keras.Model(*((inputs, outputs) if is_named else (list(inputs.values()), list(outputs.values()))))
    directory = RunDirectory(tmp_path)
    model.save(directory.model)
    (tmp_path / "out").mkdir()
    found = export(directory, directory.model, kind, tmp_path / "out", is_mapped=False)
    assert found.difference is not None
    assert found.difference < 1e-5


def test_one_input_without_a_name_of_its_own(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path)
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]).save(directory.model)
    (tmp_path / "out").mkdir()
    difference = export(directory, directory.model, "litert", tmp_path / "out", is_mapped=False).difference
    assert difference is not None
    assert difference < 1e-5


def test_another_shape_is_no_small_difference() -> None:
    with pytest.raises(ValueError, match="y has the shape"):
        _difference({"y": np.zeros((2, 1))}, {"y": np.zeros((2, 3))})
