"""Null is accepted for every argument of Keras whose default it is, so that `extends` can take a value away."""

from __future__ import annotations

import json

import pytest
from workplace import SMALL, Workplace

from trainctl import catalog
from trainctl.config.values import fit_argument

NULLS = {
    kind: [
        (name, parameter)
        for name in catalog.names(kind)
        if (entry := catalog.find(kind, name)) is not None
        for parameter in entry.parameters
        if not parameter.required and parameter.default is None
    ]
    for kind in catalog.KINDS
}


@pytest.mark.parametrize("kind", [kind for kind, found in NULLS.items() if found])
def test_null_fits_every_argument_whose_default_it_is(kind: str) -> None:
    for name, parameter in NULLS[kind]:
        assert fit_argument(None, parameter.schema) is None, f"{name}.{parameter.name}"


def test_they_are_many() -> None:
    assert {kind for kind, found in NULLS.items() if len(found) >= 10} >= {"layer", "optimizer", "loss", "metric"}


def test_null_takes_away_what_a_base_gives(workplace: Workplace) -> None:
    dense = {"Dense": {"units": 3, "activation": "softmax", "name": "head", "kernel_regularizer": "l2"}}
    adam = {"Adam": {"clipnorm": 1.0, "weight_decay": 0.1, "global_clipnorm": None}}
    workplace.write("base.yaml", model={"layers": [dense]}, compile={**SMALL["compile"], "optimizer": adam})
    taken = {"extends": "base.yaml", "compile": {"optimizer": {"Adam": {"clipnorm": None, "weight_decay": None}}}}
    (workplace.folder / "a.yaml").write_text(json.dumps(taken))
    ended = workplace.call("validate", "a.yaml", "--set", "model.layers.head.kernel_regularizer=null")
    assert (ended.exit_code, ended.stderr) == (0, "")
