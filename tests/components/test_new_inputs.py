"""New inputs are values: what a model takes, which files there are, what was read."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from trainctl.components.new_inputs import ModelInput, NewFiles, NewInputs


def test_they_are_frozen() -> None:
    new = NewFiles((Path("a.csv"),), (ModelInput("x", (4,), "float32"),))
    for value, field in ((new, "files"), (new.inputs[0], "shape"), (NewInputs([1]), "values")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, field, None)


def test_files_belong_to_samples_only_where_each_has_one() -> None:
    assert NewInputs([1, 2]).files == ()
