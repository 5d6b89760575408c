"""Saved graphs that no Keras wrote: damage and depth are errors of the file, and what is unknown is said to be a guess."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from trainctl.drafts.graph import written_model
from trainctl.drafts.keras_file import KerasFile
from trainctl.drafts.model_draft import draft_of_model
from trainctl.errors import DataError


def dense(name: str, **config: Any) -> dict[str, Any]:
    return {
        "module": "keras.layers",
        "class_name": "Dense",
        "name": name,
        "config": {"name": name, "units": 2, **config},
    }


def chain(*layers: Any) -> dict[str, Any]:
    return {"class_name": "Sequential", "name": "chain", "config": {"name": "chain", "layers": list(layers)}}


def draft(model: Any) -> str:
    return draft_of_model(KerasFile(model, "3.15.1", {}), Path("m.keras"), "m").text


def test_a_chain_keeps_the_names_that_a_person_gave() -> None:
    written = written_model(chain(dense("dense_7"), dense("Head/Last")), {})
    assert written.layers == [{"Dense": {"units": 2}}, {"Dense": {"units": 2, "name": "head_Last"}}]


def test_a_shape_that_is_not_known_is_a_guess() -> None:
    assert "this one is a guess" in draft(chain(dense("dense")))


@pytest.mark.parametrize(
    "model",
    [
        {"class_name": "Sequential", "config": None},
        chain(3),
        chain({"class_name": "Dense"}),
        {
            "class_name": "Functional",
            "config": {"layers": [dense("d")], "input_layers": [["x", 0, 0]], "output_layers": 1},
        },
        chain(dense("d", units=[{}], activation={"class_name": "function", "config": None})) | {"compile_config": [1]},
    ],
)
def test_damage_is_an_error_of_the_file(model: Any) -> None:
    with pytest.raises(DataError):
        draft(model)


def test_depth_is_an_error_of_the_file() -> None:
    model = chain(dense("d"))
    for _ in range(400):
        model = chain(model)
    with pytest.raises(DataError, match="nested too deeply"):
        draft(model)
