"""What the installed Keras offers is built from a file, saved, loaded and used once; what cannot be, is named here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from graphs import built

from trainctl.components.nodes.model import LAYER_KINDS
from trainctl.config import describe
from trainctl.config.load import load
from trainctl.config.schedules import with_steps
from trainctl.models.compiling import compile_model

pytestmark = [
    pytest.mark.tf,
    pytest.mark.filterwarnings("ignore:Even though the `tf.config:UserWarning"),
    pytest.mark.filterwarnings("ignore:Gradients do not exist:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*(aggregate|should not be used|retracing).*"),
]


@pytest.fixture(scope="module", autouse=True)
def without_graphs() -> Iterator[None]:
    """One step each: to trace a graph for it would take ten times as long."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


VECTOR, SERIES, IMAGE, VOLUME = (4,), (8, 4), (8, 8, 3), (4, 4, 4, 2)
INNER = {"Dense": {"units": 2}}
LSTM = {"LSTM": {"units": 3}}
CONV = {"filters": 2, "kernel_size": 2}

ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "Activation": {"activation": "relu"},
    "AugMix": {"value_range": [0, 255]},
    "AutoContrast": {"value_range": [0, 255]},
    "Bidirectional": {"layer": LSTM},
    "CategoryEncoding": {"num_tokens": 4},
    "CenterCrop": {"height": 4, "width": 4},
    "Dense": {"units": 2},
    "DepthwiseConv1D": {"kernel_size": 2},
    "DepthwiseConv2D": {"kernel_size": 2},
    "Discretization": {"num_bins": 3},
    "Dot": {"axes": 1},
    "EinsumDense": {"equation": "ab,bc->ac", "output_shape": 2},
    "Embedding": {"input_dim": 10, "output_dim": 2},
    "GaussianNoise": {"stddev": 0.1},
    "GroupNormalization": {"groups": 1},
    "GroupQueryAttention": {"head_dim": 2, "num_query_heads": 2, "num_key_value_heads": 1},
    "HashedCrossing": {"num_bins": 4},
    "Hashing": {"num_bins": 4},
    "MultiHeadAttention": {"num_heads": 2, "key_dim": 2},
    "Permute": {"dims": [2, 1]},
    "Pipeline": {"layers": [{"Rescaling": {"scale": 2}}]},
    "RNN": {"cell": {"GRUCell": {"units": 2}}},
    "RandAugment": {"value_range": [0, 255]},
    "RandomCrop": {"height": 4, "width": 4},
    "RandomErasing": {"factor": 0.5},
    "RandomHue": {"factor": 0.5, "value_range": [0, 255]},
    "RandomPosterization": {"factor": 3},
    "RandomTranslation": {"height_factor": 0.1, "width_factor": 0.1},
    "RandomZoom": {"height_factor": 0.1},
    **{
        f"Random{name}": {"factor": 0.5}
        for name in ("Brightness", "ColorDegeneration", "Contrast", "Rotation", "Saturation", "Sharpness")
    },
    "RepeatVector": {"n": 2},
    "Rescaling": {"scale": 2},
    "Reshape": {"target_shape": [2, 2]},
    "Resizing": {"height": 4, "width": 4},
    "ReversibleEmbedding": {"input_dim": 10, "output_dim": 2},
    "SpectralNormalization": {"layer": INNER},
    "TimeDistributed": {"layer": INNER},
}
INPUTS: Mapping[str, Any] = {
    "CategoryEncoding": np.array([[0, 1], [2, 3]]),
    "Embedding": np.array([[0, 1], [2, 3]]),
    "ReversibleEmbedding": np.array([[0, 1], [2, 3]]),
    "HashedCrossing": np.array([["a"], ["b"]], object),
    "Hashing": np.array([["a"], ["b"]], object),
    "IntegerLookup": np.array([[7], [9]]),
    "StringLookup": np.array([["a"], ["b"]], object),
    "TextVectorization": np.array(["a b", "c"], object),
    "MelSpectrogram": np.ones((2, 4000), np.float32),
    "STFTSpectrogram": np.ones((2, 600, 1), np.float32),
    "ConvLSTM1D": np.ones((2, 3, 8, 2), np.float32),
    "ConvLSTM2D": np.ones((2, 3, 8, 8, 2), np.float32),
    "ConvLSTM3D": np.ones((2, 2, 4, 4, 4, 2), np.float32),
}
OF_TWO = {
    "Add",
    "AdditiveAttention",
    "Attention",
    "Average",
    "Concatenate",
    "Dot",
    "HashedCrossing",
    "Maximum",
    "Minimum",
    "Multiply",
    "Subtract",
}
OF_SERIES = {
    "GRU",
    "LSTM",
    "SimpleRNN",
    "RNN",
    "Bidirectional",
    "TimeDistributed",
    "Masking",
    "Permute",
    "MultiHeadAttention",
    "GroupQueryAttention",
    "Attention",
    "AdditiveAttention",
}
OF_IMAGES = re.compile(
    r".*2D.*|Random.*|RandAugment|AugMix|AutoContrast|CutMix|MixUp|CenterCrop|Resizing|Solarization|Equalization|Pipeline"
    r"|ContrastLimited.*"
)
ONLY_WITHIN = {"GRUCell", "LSTMCell", "SimpleRNNCell", "StackedRNNCells"}
"""Layers that stand in another one."""
NOT_HERE = {
    "MaxNumBoundingBoxes": "takes bounding boxes as a mapping of arrays, which no list of layers gives it",
    "Equalization": "Keras 3.15 itself cannot use it in a functional model: it gives its own input back",
}
LAYERS = [name for name in describe.names("layer") if name not in NOT_HERE]


def x_of(name: str) -> Any:
    """Two samples of what the layer takes."""
    if name in INPUTS:
        return INPUTS[name]
    shape = (
        SERIES
        if "1D" in name or name in OF_SERIES
        else VOLUME
        if "3D" in name
        else IMAGE
        if OF_IMAGES.fullmatch(name)
        else VECTOR
    )
    return np.linspace(1, 200, 2 * int(np.prod(shape)), dtype=np.float32).reshape(2, *shape)


def arguments_of(name: str) -> Mapping[str, Any]:
    if re.fullmatch(r"(Separable)?Conv(LSTM|olution)?[123]D(Transpose)?|SeparableConvolution[12]D", name):
        return CONV
    if name.startswith("Adaptive"):
        return {"output_size": 2}
    if re.fullmatch(r"(Average|Avg|Max)Pool(ing)?[123]D", name):
        return {"pool_size": 2}
    if name.endswith("Dropout") or name.startswith("SpatialDropout"):
        return {"rate": 0.5}
    return {"units": 3} if name in {"GRU", "LSTM", "SimpleRNN"} else ARGUMENTS.get(name, {})


def model_of(name: str) -> str:
    if name in ONLY_WITHIN:
        inner = {"cells": [{"GRUCell": {"units": 2}}]} if name == "StackedRNNCells" else {"units": 2}
        return json.dumps({"layers": [{"RNN": {"cell": {name: inner}}}]})
    item: dict[str, Any] = {name: {**arguments_of(name), "name": "it"}}
    return json.dumps({"layers": [{**item, "from": ["input", "input"]} if name in OF_TWO else item]})


@pytest.mark.parametrize("name", LAYERS)
def test_layers(tmp_path: Path, name: str) -> None:
    x = np.ones((2, *SERIES), np.float32) if name in ONLY_WITHIN else x_of(name)
    model = built(tmp_path, model_of(name), x)
    batch = keras.ops.convert_to_tensor(x.tolist() if x.dtype == object else x)
    before = keras.tree.map_structure(np.asarray, model(batch, training=False))
    model.save(tmp_path / "model.keras")
    after = keras.tree.map_structure(
        np.asarray, keras.saving.load_model(tmp_path / "model.keras")(batch, training=False)
    )
    for first, second in zip(keras.tree.flatten(before), keras.tree.flatten(after), strict=True):
        np.testing.assert_array_equal(first, second)


def test_every_layer_has_its_turn() -> None:
    assert {*LAYERS, *NOT_HERE} == set(describe.names("layer"))
    assert set(describe.names("node")) == {"Model", "Op", "PositionEmbedding", "Saved", "Weight"}
    assert LAYER_KINDS == ("layer", "application", "node")


DENSE = "layers: [Dense: {units: 3, %s: {%s: %s}}]"
OPTIMIZERS: Mapping[str, Any] = {
    "LossScaleOptimizer": {"inner_optimizer": {"SGD": {}}},
    "Muon": {"exclude_layers": ["dense"]},
}
OPTIMIZER_PARTS = {
    "OptimizerMap": "a part of MultiOptimizer",
    "MultiOptimizer": "maps optimizers to variables, which only code can name",
}
SCHEDULES: Mapping[str, Any] = {
    "CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": 5},
    "CosineDecayRestarts": {"initial_learning_rate": 0.1, "first_decay_steps": 5},
    "ExponentialDecay": {"initial_learning_rate": 0.1, "decay_steps": 5, "decay_rate": 0.9},
    "InverseTimeDecay": {"initial_learning_rate": 0.1, "decay_steps": 5, "decay_rate": 0.9},
    "PiecewiseConstantDecay": {"boundaries": [2], "values": [0.1, 0.01]},
    "PolynomialDecay": {"initial_learning_rate": 0.1, "decay_steps": 5},
    "OneCycle": {"max_learning_rate": 0.1},
    "Warmup": {
        "learning_rate": {"ExponentialDecay": {"initial_learning_rate": 0.1, "decay_steps": 5, "decay_rate": 0.9}},
        "steps": 3,
    },
}
LOSSES: Mapping[str, Any] = {"CTC": {}, "Circle": {}}
METRICS: Mapping[str, Any] = {
    "BinaryIoU": {},
    "IoU": {"num_classes": 3, "target_class_ids": [0]},
    "MeanIoU": {"num_classes": 3},
    "OneHotIoU": {"num_classes": 3, "target_class_ids": [0]},
    "OneHotMeanIoU": {"num_classes": 3},
    "FBetaScore": {"beta": 2.0},
    "PrecisionAtRecall": {"recall": 0.5},
    "RecallAtPrecision": {"precision": 0.5},
    "SensitivityAtSpecificity": {"specificity": 0.5},
    "SpecificityAtSensitivity": {"sensitivity": 0.5},
    "TopKCategoricalAccuracy": {"k": 2},
    "SparseTopKCategoricalAccuracy": {"k": 2},
}
SPARSE = {
    "SparseCategoricalCrossentropy",
    "SparseCategoricalAccuracy",
    "SparseTopKCategoricalAccuracy",
    "Circle",
    "CTC",
    "CategoricalGeneralizedCrossEntropy",
}
OF_INDICES = {"IoU", "MeanIoU"}
ONLY_IN_CODE = {
    "Mean": "takes values, not labels and outputs",
    "Sum": "the same",
    "MeanMetricWrapper": "takes a function",
    "Expression": "is not saved",
}


def trained(folder: Path, compile_: Mapping[str, Any], model: str, y: Any, x: Any = None) -> Any:
    """A model trained for one step, saved, loaded, and trained for another."""
    file = folder / "compiled.yaml"
    x = np.linspace(0, 1, 24, dtype=np.float32).reshape(6, 4) if x is None else x
    file.write_text(
        json.dumps(
            {
                "model": json.loads(model),
                "data": {"source": {"CSV": {"path": "a.csv", "label": "b"}}},
                "compile": compile_,
            }
        )
    )
    built_model = built(folder, model, x)
    compile_model(built_model, with_steps(load(str(file)).experiment, 3))
    first = built_model.train_on_batch(x, y, return_dict=True)
    built_model.save(folder / "model.keras")
    loaded = keras.saving.load_model(folder / "model.keras")
    np.testing.assert_array_equal(loaded.predict_on_batch(x), built_model.predict_on_batch(x))
    assert all(np.isfinite(value).all() for value in first.values())
    return loaded.train_on_batch(x, y, return_dict=True)


SOFTMAX = json.dumps({"layers": [{"Dense": {"units": 3, "activation": "softmax"}}]})
ONE_HOT = np.eye(3, dtype=np.float32)[[0, 1, 2, 0, 1, 2]]


def labels_of(name: str) -> Any:
    return np.array([0, 1, 2, 0, 1, 2]) if name in SPARSE else ONE_HOT


@pytest.mark.parametrize("name", [name for name in describe.names("optimizer") if name not in OPTIMIZER_PARTS])
def test_optimizers(tmp_path: Path, name: str) -> None:
    trained(tmp_path, {"optimizer": {name: OPTIMIZERS.get(name, {})}, "loss": "mse"}, SOFTMAX, ONE_HOT)


@pytest.mark.parametrize("name", describe.names("schedule"))
def test_schedules(tmp_path: Path, name: str) -> None:
    optimizer = {"SGD": {"learning_rate": {name: SCHEDULES[name]}}}
    trained(tmp_path, {"optimizer": optimizer, "loss": "mse"}, SOFTMAX, ONE_HOT)


@pytest.mark.parametrize("name", [name for name in describe.names("loss") if name not in ONLY_IN_CODE])
def test_losses(tmp_path: Path, name: str) -> None:
    if name == "CTC":  # sequences of labels
        model = json.dumps({"layers": [{"Dense": {"units": 3}}]})
        trained(tmp_path, {"loss": name}, model, np.array([[1, 2]] * 6), np.ones((6, 5, 4), np.float32))
        return
    trained(tmp_path, {"loss": name}, SOFTMAX, labels_of(name))


@pytest.mark.parametrize("name", [name for name in describe.names("metric") if name not in ONLY_IN_CODE])
def test_metrics(tmp_path: Path, name: str) -> None:
    arguments = METRICS.get(name, {})
    if name in OF_INDICES:
        arguments = {**arguments, "sparse_y_true": False, "sparse_y_pred": False}
    logs = trained(
        tmp_path,
        {"loss": "mse" if name not in SPARSE else "sparse_categorical_crossentropy", "metrics": [{name: arguments}]},
        SOFTMAX,
        labels_of(name),
    )
    assert len(logs) == 2


@pytest.mark.parametrize(
    ("argument", "kind", "name"),
    [
        (f"kernel_{kind}", kind, name)
        for kind in ("initializer", "regularizer", "constraint")
        for name in describe.names(kind)
    ],
)
def test_what_stands_in_a_layer(tmp_path: Path, argument: str, kind: str, name: str) -> None:
    arguments = {"Constant": {"value": 0.5}, "VarianceScaling": {"scale": 2}, "MinMaxNorm": {"max_value": 2}}.get(
        name, {}
    )
    if "STFT" in name:
        pytest.skip("makes the kernel of a spectrogram: its shape fits no other layer")
    model = json.dumps({"layers": [{"Dense": {"units": 4, argument: {name: arguments}}}]})
    trained(tmp_path, {"loss": "mse"}, model, np.ones((6, 4), np.float32))


@pytest.mark.parametrize("name", [name for name in describe.names("activation") if name != "threshold"])
def test_activations(tmp_path: Path, name: str) -> None:
    model = json.dumps({"layers": [{"Dense": {"units": 4, "activation": name}}]})
    trained(tmp_path, {"loss": "mse"}, model, np.ones((6, 2 if name == "glu" else 4), np.float32))
