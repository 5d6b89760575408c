"""Paths into an experiment."""

from collections.abc import Callable
from typing import Any

import pytest

from trainctl.config.compose.paths import PathError, find, item_steps, join
from trainctl.config.text.nodes import Node

TEXT = """\
fit: {epochs: 5}
model:
  layers:
    - Dense: {units: 8}
    - Dropout: {rate: 0.5}
    - Dense: {units: 3, name: head}
    - Flatten
compile:
  optimizer: {Adam: {learning_rate: {CosineDecay: {alpha: 0.1}}}}
"""


@pytest.fixture
def root(tree: Callable[[str], Node]) -> Node:
    return tree(TEXT)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("fit.epochs", 5),
        ("model.layers.0.units", 8),
        ("model.layers.0.Dense.units", 8),
        ("model.layers.Dropout.rate", 0.5),
        ("model.layers.head.units", 3),
        ("model.layers.Flatten", "Flatten"),
        ("compile.optimizer.learning_rate.alpha", 0.1),
        ("compile.optimizer.Adam.learning_rate.CosineDecay.alpha", 0.1),
    ],
)
def test_a_path_leads_to_its_value(root: Node, path: str, value: Any) -> None:
    assert find(root, path.split(".")).plain() == value


@pytest.mark.parametrize(
    ("path", "message", "hint"),
    [
        ("fit.epoch", "fit has no 'epoch'", "did you mean 'epochs'?"),
        ("fits", "the experiment has no 'fits'", "did you mean 'fit'?"),
        ("fit.epochs.x", "fit.epochs is 5, which has no 'x'", None),
        ("model.layers.4", "model.layers has no item 4; it has 4 items, counted from 0", None),
        (
            "model.layers.Dense",
            "2 items of model.layers are called Dense",
            "use an index: model.layers.0 or model.layers.2",
        ),
        ("model.layers.Dropot", "model.layers has no Dropot", "did you mean 'Dropout'?"),
        ("model.layers.x", "model.layers has no x", "model.layers has Dense, Dropout, Flatten and head"),
    ],
)
def test_a_step_that_leads_nowhere(root: Node, path: str, message: str, hint: str | None) -> None:
    with pytest.raises(PathError) as caught:
        find(root, path.split("."))
    assert (str(caught.value), caught.value.hint) == (message, hint)


def test_an_item_is_named_by_what_is_unique(root: Node) -> None:
    layers = root.value["model"].value["layers"].value
    assert item_steps(layers) == ["0.Dense", "Dropout", "2.Dense", "Flatten"]


def test_what_names_an_item_finds_it_again(root: Node) -> None:
    layers = find(root, ["model", "layers"]).value
    for step, item in zip(item_steps(layers), layers, strict=True):
        path = join("model.layers", step)
        found = find(root, path.split("."))
        assert found is item or found is next(iter(item.value.values()))
