"""What each output learns and measures."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trainctl.config.component import KerasComponent
from trainctl.config.experiment import Experiment
from trainctl.config.load import Loaded
from trainctl.config.model.outputs import (
    by_output,
    label_columns,
    loss_weights,
    losses,
    measured,
    only_loss,
    output_names,
    training_keys,
)
from trainctl.errors import ConfigError

Load = Callable[..., Loaded]

TWO = """
data: {source: Iris}
model:
  layers:
    - Dense: {units: 8, name: body}
    - Dense: {units: 3, activation: softmax, name: kind}
    - Dense: {units: 1, name: size}
      from: body
  outputs: [kind, size]
compile:
  loss: {kind: sparse_categorical_crossentropy, size: mse}
"""


ONE = """
data: {source: Iris}
model: {layers: [Dense: {units: 3, activation: softmax}]}
compile:
  loss: sparse_categorical_crossentropy
"""


@pytest.fixture
def two(load_text: Load) -> Callable[[str], Experiment]:
    return lambda metrics: load_text(f"{TWO}  {metrics}").experiment


def test_one_output_needs_no_name(load_text: Load) -> None:
    found = load_text().experiment
    assert output_names(found) == ()
    assert only_loss(found).name == "sparse_categorical_crossentropy"
    assert training_keys(found) == ("loss", "accuracy")


def test_several_outputs_each_have_a_loss_of_their_own(two: Callable[[str], Experiment]) -> None:
    found = two("metrics: {kind: [accuracy]}")
    assert output_names(found) == ("kind", "size")
    assert {name: loss.name for name, loss in losses(found).items()} == {
        "kind": "sparse_categorical_crossentropy",
        "size": "mse",
    }
    assert only_loss(found) is None
    assert training_keys(found) == ("loss", "kind_loss", "size_loss", "kind_accuracy")


def test_a_metric_that_counts_weights_too_has_another_key(two: Callable[[str], Experiment]) -> None:
    found = two("metrics: {size: [mae]}\n  weighted_metrics: {size: [mae, mse]}")
    assert [(each.key, each.output, each.weighted) for each in measured(found)] == [
        ("size_mae", "size", False),
        ("size_weighted_mae", "size", True),
        ("size_mse", "size", True),
    ]


def test_one_value_is_for_all_outputs_and_null_for_none() -> None:
    loss = KerasComponent("loss", "mse")
    assert by_output(loss, ("a", "b")) == {"a": loss, "b": loss}
    assert by_output({"a": loss, "b": None, "c": loss}, ("a", "b")) == {"a": loss}
    assert by_output({"a": loss}, ()) == {"": loss}
    assert by_output({}, ()) == {"": ()}


def test_an_output_says_which_label_it_learns(load_text: Load) -> None:
    text = TWO.replace("[kind, size]", "{kind: {label: Class}, price: {from: size, array: [Y1, Y2]}}")
    found = load_text(text.replace("size: mse", "price: mse")).experiment
    assert label_columns(found) == {"kind": ("Class",), "price": ("Y1", "Y2")}
    assert [str(ref) for ref in found.model.outputs.values()] == ["kind", "size"]


@pytest.mark.parametrize("written", ["{lable: Y}", "{label: 3}", "{label: []}", "{from: nothing}"])
def test_what_an_output_does_not_take(load_text: Load, written: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_text(TWO.replace("[kind, size]", f"{{kind: {written}, size: size}}"))
    [found] = caught.value.diagnostics
    assert found.path.startswith("model.outputs")


@pytest.mark.parametrize("written", ["0.5", "[0.5]", "1/2"])
def test_the_only_output_s_weight_needs_no_name(written: str, load_text: Load) -> None:
    text = f"{ONE}  loss_weights: {written}"
    assert loss_weights(load_text(text).experiment) == {"": 0.5}


def test_weights_of_several_outputs_need_names(two: Callable[[str], Experiment]) -> None:
    assert loss_weights(two("loss_weights: {size: 2}")) == {"kind": 1.0, "size": 2.0}
    with pytest.raises(ConfigError, match="loss_weights must name the outputs"):
        two("loss_weights: 0.5")
