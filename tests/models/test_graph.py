"""Nodes become a Keras model: names, seeds, calls, sharing, and errors that point at the line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from graphs import built

from trainctl.diagnostics import Diagnostic
from trainctl.errors import BuildError

pytestmark = pytest.mark.tf

VECTORS = np.linspace(0, 1, 32, dtype=np.float32).reshape(8, 4)
SEQUENCES = np.zeros((8, 5, 4), np.float32)
IMAGES = np.zeros((8, 8, 8, 2), np.float32)


def names(model: Any) -> list[str]:
    return [layer.name for layer in model.layers]


def problem(folder: Path, model: str, x: Any) -> Diagnostic:
    with pytest.raises(BuildError) as caught:
        built(folder, model, x)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.location is not None
    return diagnostic


class TestNamesAndSeeds:
    def test_layers_get_keras_names_counted_within_the_model(self, tmp_path: Path) -> None:
        text = "layers: [Dense: {units: 2}, BatchNormalization, Dense: {units: 2, name: dense_1}, Dense: {units: 2}]"
        for _ in range(2):
            assert names(built(tmp_path, text, VECTORS)) == [
                "input",
                "dense",
                "batch_normalization",
                "dense_1",
                "dense_2",
            ]

    def test_the_name_is_that_of_the_experiment_or_its_own(self, tmp_path: Path) -> None:
        assert built(tmp_path, "layers: [Flatten]", VECTORS).name == "my_run"
        assert built(tmp_path, "name: own\nlayers: [Flatten]", VECTORS).name == "own"

    def test_the_same_seed_gives_the_same_weights(self, tmp_path: Path) -> None:
        first, same, other = (
            built(tmp_path, "layers: [Dense: {units: 3}]", VECTORS, seed=seed).get_weights()[0] for seed in (1, 1, 2)
        )
        np.testing.assert_array_equal(first, same)
        assert not np.array_equal(first, other)

    def test_inserting_a_layer_changes_no_neighbour(self, tmp_path: Path) -> None:
        text = "layers:\n  - Dense: {units: 4, name: first}\n%s  - Dense: {units: 4, name: last}\n"
        before = built(tmp_path, text % "", VECTORS)
        after = built(tmp_path, text % "  - Dense: {units: 4, name: between}\n  - Dropout: {rate: 0.5}\n", VECTORS)
        for name in ("first", "last"):
            np.testing.assert_array_equal(before.get_layer(name).kernel, after.get_layer(name).kernel)
        assert not np.array_equal(after.get_layer("between").kernel, after.get_layer("first").kernel)

    def test_layers_of_a_model_within_have_seeds_of_their_own(self, tmp_path: Path) -> None:
        text = "layers: [Model: {name: a, layers: [Dense: {units: 4}]}, Model: {name: b, layers: [Dense: {units: 4}]}]"
        first, _, second, _ = built(tmp_path, text, VECTORS).get_weights()
        assert not np.array_equal(first, second)


class TestCalls:
    def test_merging(self, tmp_path: Path) -> None:
        model = built(
            tmp_path,
            """
            inputs: [a, b]
            layers:
              - Concatenate:
                from: [a, b]
            """,
            {"a": VECTORS, "b": VECTORS + 1},
        )
        out = model({"a": VECTORS, "b": VECTORS + 1})
        np.testing.assert_allclose(out, np.concatenate([VECTORS, VECTORS + 1], axis=1))

    def test_one_sequence_attends_to_itself_and_two_are_query_and_value(self, tmp_path: Path) -> None:
        text = (
            "layers:\n  - Dense: {units: 4, name: q}\n  - MultiHeadAttention: {num_heads: 1, key_dim: 2, name: m}\n%s"
        )
        own = built(tmp_path, text % "", SEQUENCES)
        other = built(tmp_path, text % "    from: [q, input]\n", SEQUENCES)
        assert [[t.name for t in _inputs(model, "m")] for model in (own, other)] == [["q", "q"], ["q", "input"]]

    def test_states_are_handed_over(self, tmp_path: Path) -> None:
        text = """
            layers:
              - LSTM: {units: 3, return_state: true, name: first}
              - LSTM: {units: 3, name: second}
                from: input
                call: {initial_state: [first.1, first.2]}
        """
        assert len(_inputs(built(tmp_path, text, SEQUENCES), "second")) == 3

    def test_call_arguments_that_are_no_tensors(self, tmp_path: Path) -> None:
        ones = np.ones((8, 4), np.float32)
        for training in (True, False):  # whatever the model does, which in Keras itself would win
            text = f"layers:\n  - Dropout: {{rate: 0.5}}\n    call: {{training: {training}}}".lower().replace(
                "dropout", "Dropout"
            )
            out = built(tmp_path, text, VECTORS)(ones, training=not training)
            assert (0 in np.asarray(out)) is training

    def test_a_shared_layer_has_one_set_of_weights(self, tmp_path: Path) -> None:
        text = """
            inputs: [a, b]
            layers:
              - Dense: {units: 2, name: encoder}
                from: a
              - reuse: encoder
                from: b
                name: other
              - Subtract:
                from: [encoder, other]
        """
        model = built(tmp_path, text, {"a": VECTORS, "b": VECTORS})
        assert len(model.weights) == 2
        assert not np.any(model({"a": VECTORS, "b": VECTORS}))

    def test_a_model_within_can_be_shared_and_frozen(self, tmp_path: Path) -> None:
        text = """
            layers:
              - Model: {name: m, layers: [Dense: {units: 4}, Dropout: {rate: 0.1}], trainable: false}
              - reuse: m
        """
        model = built(tmp_path, text, VECTORS)
        assert (len(model.weights), len(model.trainable_weights)) == (2, 0)

    def test_a_model_within_may_have_several_inputs_and_outputs(self, tmp_path: Path) -> None:
        text = """
            inputs: [a, b]
            layers:
              - Model:
                  name: m
                  inputs: [x, y]
                  layers:
                    - Add: {name: sum}
                      from: [x, y]
                    - Subtract: {name: difference}
                      from: [x, y]
                  outputs: [sum, difference]
                from: [a, b]
              - Concatenate:
                from: [m.difference, m.sum]
        """
        out = built(tmp_path, text, {"a": VECTORS, "b": VECTORS})({"a": VECTORS, "b": VECTORS})
        np.testing.assert_allclose(out, np.concatenate([VECTORS * 0, VECTORS * 2], axis=1))

    def test_several_outputs_bear_their_names(self, tmp_path: Path) -> None:
        text = "layers: [Dense: {units: 2, name: a}, Dense: {units: 1, name: b}]\noutputs: {last: b, first: a}"
        out = built(tmp_path, text, VECTORS)(VECTORS)
        assert {name: each.shape for name, each in out.items()} == {"first": (8, 2), "last": (8, 1)}


class TestProblems:
    @pytest.mark.parametrize(
        ("model", "x", "message", "path"),
        [
            (
                "layers: [Dense: {units: 3}, Conv2D: {filters: 2, kernel_size: 3}]",
                VECTORS,
                "Conv2D does not fit its input of shape (None, 3): ",
                "model.layers.Conv2D",
            ),
            (
                "layers:\n  - Flatten\n  - Concatenate:\n    from: [flatten, input]",
                IMAGES,
                "Concatenate does not fit its input of shape [(None, 128), (None, 8, 8, 2)]: ",
                "model.layers.Concatenate",
            ),
            (
                "layers: [Conv2D: {filters: 4, kernel_size: 3, groups: 3}]",
                IMAGES,
                "Keras rejected Conv2D: ",
                "model.layers.Conv2D",
            ),
            (
                "layers:\n  - Flatten\n  - Flatten:\n    from: flatten.1",
                VECTORS,
                "'flatten.1' does not exist: flatten has one output",
                "model.layers.1.Flatten",
            ),
            (
                "layers:\n  - LSTM: {units: 2, return_state: true, name: a}\n  - Flatten:\n    from: a.7",
                SEQUENCES,
                "'a.7' does not exist: a has the outputs 0, 1 and 2",
                "model.layers.Flatten",
            ),
            (
                "layers: [Op: {op: squeeze, axis: 1}]",
                VECTORS,
                "keras.ops.squeeze does not fit (None, 4): ",
                "model.layers.Op",
            ),
            (
                "layers:\n  - Dense: {units: 2}\n  - layers: [Flatten]\n    from: input\n    residual: true",
                IMAGES,
                "a residual branch of shape (128,) cannot be added to its input of shape (8, 8, 2), even with a projection",
                "model.layers.1",
            ),
            (
                "layers: [Model: {name: m, inputs: [a, b], layers: [{Add: , from: [a, b]}]}]",
                VECTORS,
                "m has 2 inputs, but got 1",
                "model.layers.Model",
            ),
            (
                "layers: [TextVectorization]",
                VECTORS,
                "TextVectorization cannot learn from the data: ",
                "model.layers.TextVectorization",
            ),
            (
                "layers: [Model: {name: m, layers: [TextVectorization]}]",
                VECTORS,
                "TextVectorization cannot learn from the data: ",
                "model.layers.Model.layers.TextVectorization",
            ),
            (
                "inputs: {a: {shape: [5]}}\nlayers: [Flatten]",
                VECTORS,
                "the input 'a' has shape (5,), but the data has (4,)",
                "model.inputs.a",
            ),
            (
                "inputs: [a, b]\nlayers: [{Add: , from: [a, b]}]",
                VECTORS,
                "the model has 2 inputs, but the data is one array",
                "model.inputs.a",
            ),
            (
                "inputs: [a, c]\nlayers: [{Add: , from: [a, c]}]",
                {"a": VECTORS, "b": VECTORS},
                "the data has no 'c'",
                "model.inputs.c",
            ),
            (
                "layers: [MobileNet: {weights: null}]",
                IMAGES[..., [0, 0, 1]],
                "Keras rejected MobileNet: ",
                "model.layers.MobileNet",
            ),
        ],
    )
    def test_it_points_at_the_line(self, tmp_path: Path, model: str, x: Any, message: str, path: str) -> None:
        found = problem(tmp_path, model, x)
        assert found.message.startswith(message)
        assert found.path == path

    def test_it_points_at_the_argument_that_keras_names(self, tmp_path: Path) -> None:
        found = problem(tmp_path, "layers:\n  - Conv2D:\n      filters: 8\n      kernel_size: [1, 2, 3]", IMAGES)
        assert found.location is not None
        assert found.location.source.line(found.location.line).strip() == "kernel_size: [1, 2, 3]"

    def test_data_of_several_arrays_wants_named_inputs(self, tmp_path: Path) -> None:
        with pytest.raises(BuildError) as caught:
            built(tmp_path, "layers: [Flatten]", {"a": VECTORS, "b": VECTORS})
        assert caught.value.message == "the data has the arrays a and b, but the model does not declare its inputs"


def _inputs(model: Any, name: str) -> list[Any]:
    """The operations that a layer's only call takes tensors from."""
    layer = model.get_layer(name)
    found = keras.tree.flatten([layer.input])
    return [tensor._keras_history.operation for tensor in found]
