"""Experiment → Keras objects: names, seeds, and errors that point at the line."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from workplace import SMALL, Workplace

from trainctl.config.experiment import Experiment
from trainctl.config.load import load
from trainctl.config.model.outputs import training_keys
from trainctl.errors import BuildError
from trainctl.models import build
from trainctl.models.compiling import compile_model

pytestmark = pytest.mark.tf


def experiment(workplace: Workplace, **sections: Any) -> Experiment:
    return load(str(workplace.write(**sections))).experiment


def model() -> Any:
    inputs = keras.Input((4,))
    return keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(inputs))


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
        layer = build.instantiate(experiment(workplace, model={"layers": [inner]}).model.layers[0].component)
        assert isinstance(layer, keras.layers.Bidirectional)
        assert isinstance(layer.forward_layer.kernel_regularizer, keras.regularizers.L2)

    def test_a_chain_of_layers_within_a_layer(self, workplace: Workplace) -> None:
        chain = {"Model": {"layers": [{"Dense": {"units": 2}}, "Flatten"]}}
        layer = build.instantiate(
            experiment(workplace, model={"layers": [{"TimeDistributed": {"layer": chain}}]}).model.layers[0].component
        )
        assert layer(np.zeros((1, 5, 4), np.float32)).shape == (1, 5, 2)

    def test_within_a_layer_a_model_is_a_chain(self, workplace: Workplace) -> None:
        graph = {"Model": {"layers": ["Flatten", {"Flatten": {}, "from": "input"}]}}
        layer = experiment(workplace, model={"layers": [{"TimeDistributed": {"layer": graph}}]}).model.layers[0]
        with pytest.raises(BuildError, match="a plain chain of Keras layers"):
            build.instantiate(layer.component)

    def test_words_stay_words(self, workplace: Workplace) -> None:
        assert build.instantiate(experiment(workplace).compile.loss) == "sparse_categorical_crossentropy"

    def test_plain_values_stay(self) -> None:
        assert build.instantiate({"a": [1, "b", None], "c": (2.0,)}) == {"a": [1, "b", None], "c": [2.0]}


class TestCompile:
    def test_metrics_keep_stable_names(self, workplace: Workplace) -> None:
        metrics = ["accuracy", {"SparseTopKCategoricalAccuracy": {"k": 2}}, {"Mean": {"name": "own"}}]
        settings = experiment(workplace, compile={**SMALL["compile"], "metrics": metrics[:2]})
        for _ in range(2):
            compiled = model()
            compile_model(compiled, settings)
            x, y = np.zeros((4, 4), np.float32), np.zeros(4, np.int64)
            logs = compiled.evaluate(x, y, verbose=0, return_dict=True)
            assert set(logs) == {"loss", "accuracy", "sparse_top_k_categorical_accuracy"}

    def test_execution_reaches_keras(self, workplace: Workplace) -> None:
        settings = experiment(workplace, execution={"jit_compile": True, "steps_per_execution": 3})
        compiled = model()
        compile_model(compiled, settings)
        assert (compiled.jit_compile, compiled.steps_per_execution) == (True, 3)

    @pytest.mark.parametrize(
        ("section", "keys"),
        [
            (
                {"loss": {"a": "mse", "b": "mae"}, "metrics": {"b": ["mse", "mae"]}},
                {"loss", "a_loss", "b_loss", "b_mse", "b_mae"},
            ),
            (
                {"loss": "mse", "metrics": ["mae"], "loss_weights": {"b": 0.5}},
                {"loss", "a_loss", "b_loss", "a_mae", "b_mae"},
            ),
            ({"loss": {"b": "mse"}, "metrics": {"a": ["mae"]}}, {"loss", "a_mae"}),
            (
                {"loss": "mse", "metrics": {"a": ["mae"]}, "weighted_metrics": ["mae"]},
                {"loss", "a_loss", "b_loss", "a_mae", "a_weighted_mae", "b_mae"},
            ),
        ],
    )
    @pytest.mark.filterwarnings("ignore:.*:UserWarning")
    def test_several_outputs_log_what_is_foretold(
        self, workplace: Workplace, section: dict[str, Any], keys: set[str]
    ) -> None:
        layers = [{"Dense": {"units": 1, "name": name}, "from": "input"} for name in ("a", "b")]
        settings = experiment(workplace, model={"layers": layers, "outputs": ["a", "b"]}, compile=section)
        inputs = keras.Input((4,))
        compiled = keras.Model(inputs, {name: keras.layers.Dense(1)(inputs) for name in ("a", "b")})
        compile_model(compiled, settings)
        x, y = np.zeros((4, 4), np.float32), {name: np.ones((4, 1), np.float32) for name in ("a", "b")}
        logs = compiled.fit(x, y, verbose=0).history
        assert set(logs) == keys == set(training_keys(settings))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("One.\n\nArguments received by Dense.call():\n  • inputs=…", "One."),
        (
            "Exception encountered when calling Dense.call().\n\n\x1b[1mNo match\x1b[0m\nhere.\n\nArguments …",
            "No match here.",
        ),
        ("  spaces   and\n lines ", "spaces and lines"),
        ("x" * 400, "x" * 299 + "…"),
    ],
)
def test_the_first_sentence_of_a_keras_error(text: str, sentence: str) -> None:
    assert build.first_sentence(ValueError(text)) == sentence
