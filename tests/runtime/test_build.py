"""Experiment → Keras objects: names, seeds, and errors that point at the line."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from workplace import SMALL, Workplace

from trainctl.config.experiment import Experiment
from trainctl.config.load import load
from trainctl.errors import BuildError
from trainctl.runtime import build

pytestmark = pytest.mark.tf


def experiment(workplace: Workplace, **sections: Any) -> Experiment:
    return load(str(workplace.write(**sections))).experiment


def model_of(workplace: Workplace, *layers: Any, shape: tuple[int, ...] = (4,), seed: int = 1, **names: str) -> Any:
    section = experiment(workplace, model={"layers": list(layers), **names}).model
    return build.build_model(section, "my-run", shape, "float32", seed)


DENSE = {"Dense": {"units": 3, "activation": "softmax"}}


class TestInstantiate:
    def test_components_within_components(self, workplace: Workplace) -> None:
        schedule = {"CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": 10}}
        optimizer = {"AdamW": {"learning_rate": schedule, "weight_decay": "1/100"}}
        built = build.instantiate(
            experiment(workplace, compile={**SMALL["compile"], "optimizer": optimizer}).compile.optimizer
        )
        assert isinstance(built, keras.optimizers.AdamW)
        assert float(built.learning_rate) == pytest.approx(0.1)
        assert built.weight_decay == pytest.approx(0.01)

    def test_layers_within_layers(self, workplace: Workplace) -> None:
        inner = {"Bidirectional": {"layer": {"LSTM": {"units": 2, "kernel_regularizer": {"L2": {"l2": 0.1}}}}}}
        model = model_of(workplace, inner, DENSE, shape=(5, 4))
        assert isinstance(model.layers[1], keras.layers.Bidirectional)
        assert isinstance(model.layers[1].forward_layer.kernel_regularizer, keras.regularizers.L2)

    def test_words_stay_words(self, workplace: Workplace) -> None:
        assert build.instantiate(experiment(workplace).compile.loss) == "sparse_categorical_crossentropy"

    def test_plain_values_stay(self) -> None:
        assert build.instantiate({"a": [1, "b", None], "c": (2.0,)}) == {"a": [1, "b", None], "c": [2.0]}


class TestModel:
    def test_layers_get_keras_names_counted_within_the_model(self, workplace: Workplace) -> None:
        for _ in range(2):
            model = model_of(workplace, DENSE, "BatchNormalization", {"Dense": {"units": 2, "name": "dense_1"}}, DENSE)
            assert [layer.name for layer in model.layers] == [
                "input", "dense", "batch_normalization", "dense_1", "dense_2"
            ]  # fmt: skip

    def test_the_name_is_that_of_the_experiment_or_its_own(self, workplace: Workplace) -> None:
        assert model_of(workplace, DENSE).name == "my_run"
        assert model_of(workplace, DENSE, name="own").name == "own"

    def test_the_same_seed_gives_the_same_weights(self, workplace: Workplace) -> None:
        first, same, other = (model_of(workplace, DENSE, seed=seed).get_weights()[0] for seed in (1, 1, 2))
        np.testing.assert_array_equal(first, same)
        assert not np.array_equal(first, other)

    def test_inserting_a_layer_changes_no_neighbour(self, workplace: Workplace) -> None:
        first, last = ({"Dense": {"units": 4, "name": name}} for name in ("first", "last"))
        before = model_of(workplace, first, last)
        after = model_of(workplace, first, {"Dense": {"units": 4, "name": "between"}}, {"Dropout": {"rate": 0.5}}, last)
        for name in ("first", "last"):
            np.testing.assert_array_equal(before.get_layer(name).kernel, after.get_layer(name).kernel)
        assert not np.array_equal(after.get_layer("between").kernel, after.get_layer("first").kernel)

    def test_a_layer_that_does_not_fit_is_named_with_its_line(self, workplace: Workplace) -> None:
        with pytest.raises(BuildError) as caught:
            model_of(workplace, DENSE, {"Conv2D": {"filters": 2, "kernel_size": 3}})
        (diagnostic,) = caught.value.diagnostics
        assert diagnostic.message.startswith("Conv2D does not fit its input of shape (None, 3): ")
        assert diagnostic.path == "model.layers.Conv2D"
        assert diagnostic.location is not None
        assert "Conv2D" in diagnostic.location.source.line(diagnostic.location.line)

    def test_what_keras_refuses_points_at_the_argument(self, workplace: Workplace) -> None:
        with pytest.raises(BuildError) as caught:
            model_of(workplace, {"Dropout": {"rate": 7}})
        (diagnostic,) = caught.value.diagnostics
        assert diagnostic.location is not None
        assert "rate" in diagnostic.location.source.line(diagnostic.location.line)
        assert diagnostic.message.startswith("Keras refused Dropout: ")


class TestCompile:
    def test_metrics_keep_stable_names(self, workplace: Workplace) -> None:
        metrics = ["accuracy", {"SparseTopKCategoricalAccuracy": {"k": 2}}, {"Mean": {"name": "own"}}]
        settings = experiment(workplace, compile={**SMALL["compile"], "metrics": metrics[:2]})
        for _ in range(2):
            model = model_of(workplace, DENSE)
            build.compile_model(model, settings.compile, settings.execution)
            x, y = np.zeros((4, 4), np.float32), np.zeros(4, np.int64)
            logs = model.evaluate(x, y, verbose=0, return_dict=True)
            assert set(logs) == {"loss", "accuracy", "sparse_top_k_categorical_accuracy"}

    def test_execution_reaches_keras(self, workplace: Workplace) -> None:
        settings = experiment(workplace, execution={"jit_compile": True, "steps_per_execution": 3})
        model = model_of(workplace, DENSE)
        build.compile_model(model, settings.compile, settings.execution)
        assert (model.jit_compile, model.steps_per_execution) == (True, 3)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("One.\n\nArguments received by Dense.call():\n  • inputs=…", "One."),
        ("Exception encountered when calling Dense.call().\n\n\x1b[1mNo match\x1b[0m\nhere.\n\nArguments …", "No match here."),
        ("  spaces   and\n lines ", "spaces and lines"),
        ("x" * 400, "x" * 299 + "…"),
    ],
)  # fmt: skip
def test_the_first_sentence_of_a_keras_error(text: str, sentence: str) -> None:
    assert build.first_sentence(ValueError(text)) == sentence
