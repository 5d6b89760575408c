"""Nodes that lead nowhere, layers that cannot learn, outputs that learn nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trainctl.diagnostics import Diagnostic

Problems = Callable[..., list[Diagnostic]]

TWO = """
data: {source: Iris}
model:
  inputs: {x: {shape: [4]}}
  layers:
    - Dense: {units: 3, activation: softmax, name: kind}
      from: x
    - Dense: {units: 1, name: size}
      from: x
  outputs: [kind, size]
compile:
  loss: {kind: sparse_categorical_crossentropy, size: mse}
"""


def test_two_outputs_that_both_learn(problems: Problems) -> None:
    assert problems(TWO) == []


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        ("[kind, size]", "[kind]", "unused-node", "model.layers.size"),
        ("{x: {shape: [4]}}", "{x: {shape: [4]}, spare: {shape: [1]}}", "unused-node", "model.inputs.spare"),
        (", size: mse}", ", sise: mse}", "unknown-output", "compile.loss.sise"),
        (", size: mse}", "}", "no-loss", "compile.loss.size"),
    ],
)
def test_what_leads_nowhere(problems: Problems, old: str, new: str, code: str, path: str) -> None:
    found = problems(TWO.replace(old, new))
    assert code in [each.code for each in found]
    assert path.rsplit(".", 1)[0] in " ".join(each.path for each in found if each.code == code)


def test_a_layer_shared_by_reuse_is_used(problems: Problems) -> None:
    text = TWO.replace(
        "name: size}\n      from: x\n",
        "name: size}\n      from: x\n    - reuse: size\n      from: x\n      name: again\n",
    )
    found = problems(text.replace("[kind, size]", "[kind, again]").replace("size: mse", "again: mse"))
    assert [each.code for each in found] == []


def test_epochs_that_are_over_before_they_begin(problems: Problems, experiment: str) -> None:
    assert [each.code for each in problems(experiment.replace("epochs: 5", "epochs: 5\n  initial_epoch: 7"))] == [
        "no-epochs"
    ]
