from typing import Any

import pytest
from workplace import SMALL, Workplace

from trainctl.config.load import load
from trainctl.errors import ConfigError

NESTED = {"name": "backbone", "layers": [{"Dense": {"units": 4, "name": "low"}}]}
LAYERS = [{"Model": NESTED}, {"Dense": {"units": 3, "activation": "softmax", "name": "head"}}]
BACKBONE = {"MobileNetV2": {"weights": None, "include_top": False}}
IMAGES = {"source": {"Synthetic": {"samples": 8, "shape": [32, 32, 3], "classes": 3}}}


def problems(workplace: Workplace, *overrides: str, **sections: Any) -> list[tuple[str, str]]:
    path = workplace.write(**{"model": {"layers": LAYERS}, **sections})
    try:
        return [(each.code, each.path) for each in load(str(path), overrides).warnings]
    except ConfigError as error:
        return [(each.code, each.path) for each in error.diagnostics]


@pytest.mark.parametrize("freeze", ["backbone", "backbone/l*", ["low", "head"], {"until": "low"}, False, []])
def test_layers_are_frozen_by_name_and_pattern(workplace: Workplace, freeze: Any) -> None:
    assert problems(workplace, stages=[{"freeze": freeze}]) == []


@pytest.mark.parametrize("freeze", ["backbon", ["backbone/hi*"], {"until": "lo"}])
def test_a_name_that_no_layer_has_is_an_error_where_all_are_known(workplace: Workplace, freeze: Any) -> None:
    stages = [{"name": "a", "freeze": freeze}]
    assert problems(workplace, stages=stages) == [("unknown-layer", "stages.a.freeze")]
    layers = [BACKBONE, "GlobalAveragePooling2D", LAYERS[1]]
    assert problems(workplace, stages=stages, data=IMAGES, model={"layers": layers}) == []


def test_stages_differ_in_name_and_agree_in_labels(workplace: Workplace) -> None:
    assert problems(workplace, stages=[{"name": "a"}, {"name": "a"}]) == [("duplicate-name", "stages.1.name")]
    other = {"compile": {"loss": "categorical_crossentropy"}}
    assert problems(workplace, stages=[{}, other]) == [("stage-labels", "stages.1.compile.loss")]
    assert problems(workplace, stages=[{"freeze": True}]) == [("nothing-trained", "stages.0.freeze")]


def test_a_default_that_every_stage_replaces_cannot_be_set(workplace: Workplace) -> None:
    both = [{"fit": {"epochs": 2}}, {"fit": {"epochs": 3}}]
    assert problems(workplace, "fit.epochs=9", stages=both) == [("no-effect", "fit.epochs")]
    assert problems(workplace, "fit.epochs=9", stages=[*both, {}]) == []


def test_what_is_expected_is_expected_of_the_last_stage(workplace: Workplace) -> None:
    plain = {"compile": {"metrics": None}}
    expect = {"val_accuracy": ">= 0"}
    assert problems(workplace, stages=[plain, {}], expect=expect) == []
    assert [code for code, _ in problems(workplace, stages=[{}, plain], expect=expect)] == ["unknown-metric"]


def test_the_stages_of_the_small_experiment_are_valid(workplace: Workplace) -> None:
    assert problems(workplace, model=SMALL["model"], stages=[{}, {"freeze": "dense"}]) == []
