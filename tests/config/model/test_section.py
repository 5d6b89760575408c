"""The `model:` section: inputs, nodes and outputs, as a whole."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trainctl.config.load import Loaded
from trainctl.config.model.graph import Ref
from trainctl.diagnostics import Diagnostic

Load = Callable[..., Loaded]
Problems = Callable[..., list[Diagnostic]]

REST = "data: {source: Iris}\ncompile: {loss: mse}\n"


def test_inputs_layers_and_outputs(load_text: Load) -> None:
    model = load_text(
        REST
        + """
model:
  inputs: {left: {shape: [4]}, right: null}
  layers:
    - Concatenate: {name: both}
      from: [left, right]
    - Dense: {units: 1}
  outputs: {score: dense}
"""
    ).experiment.model
    assert {name: each.shape for name, each in model.inputs.items()} == {"left": (4,), "right": None}
    assert [(node.name, node.takes) for node in model.layers] == [
        ("both", (Ref("left"), Ref("right"))),
        ("dense", Ref("both")),
    ]
    assert model.outputs == {"score": Ref("dense")}


def test_a_model_within_the_model_has_names_of_its_own(load_text: Load) -> None:
    model = load_text(
        REST
        + "model: {layers: [{Model: {name: encoder, layers: [{Dense: {units: 2, name: a}}]}}, {Dense: {units: 1, name: a}}]}"
    ).experiment.model
    assert [node.name for node in model.layers] == ["encoder", "a"]
    assert [node.name for node in model.layers[0].component.layers] == ["a"]


@pytest.mark.parametrize(
    ("model", "code", "path"),
    [
        ("{layers: 3}", "wrong-type", "model.layers"),
        ("{layers: [{Input: {shape: [3]}}]}", "input-layer", "model.layers.Input"),
        ("{layers: [{Dense: {units: 1}, freeze: true}]}", "unknown-key", "model.layers.Dense.freeze"),
        ("{layers: [{Dense: {units: 1}, from: nobody}]}", "unknown-node", "model.layers.Dense.from"),
        ("{layers: [{Dense: {units: 1}}], outputs: [nobody]}", "unknown-node", "model.outputs"),
        ("{inputs: {a: null, b: null}, layers: [{Dense: {units: 1}}]}", "which-input", "model.layers.Dense"),
        ("{layers: [{Dense: {units: 1}}], blocks: 3}", "wrong-type", "model.blocks"),
        ("{layers: [{Dense: {units: 1}}], units: 3}", "unknown-key", "model.units"),
    ],
)
def test_what_is_wrong_is_found_where_it_stands(problems: Problems, model: str, code: str, path: str) -> None:
    found = problems(f"{REST}model: {model}")
    assert (code, path) in [(each.code, each.path) for each in found]


def test_what_is_repeated_is_wrong_once(problems: Problems) -> None:
    found = problems(f"{REST}model: {{layers: [{{Dense: {{unit: 1}}, repeat: 5}}]}}")
    assert [each.code for each in found].count("unknown-argument") == 1
