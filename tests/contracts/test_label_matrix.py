"""Every loss and metric beside every kind of label: what a hand-written script trains gives the same numbers here.

What is refused is listed in `label_refusals.txt`, to be read by a person: `python tests/label_matrix.py` writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from label_matrix import ARGUMENTS, CELLS, WORDS, Cell, refusals

from trainctl.components.labels import Labels
from trainctl.config.component import KerasComponent
from trainctl.config.execution import ExecutionSection
from trainctl.config.experiment import CompileSection, Experiment, FitSection, ModelSection
from trainctl.config.model.fits import Misfit
from trainctl.config.model.needs import LOSSES, METRICS
from trainctl.models.compiling import compile_model

pytestmark = pytest.mark.tf

FEATURES = 6
_X = np.random.default_rng(3).normal(size=(12, FEATURES)).astype("float32")


def test_the_refusals_are_those_that_a_person_has_read() -> None:
    kept = Path(__file__).with_name("label_refusals.txt").read_text(encoding="utf-8").splitlines()
    assert list(refusals()) == kept, "meant? then: python tests/label_matrix.py"


def test_every_refusal_says_what_to_do() -> None:
    found = [cell.loss(name) for cell in CELLS for name in LOSSES] + [c.metric(n) for c in CELLS for n in METRICS]
    misfits = [each for each in found if isinstance(each, Misfit)]
    assert misfits
    assert all(each.hint and each.message for each in misfits)


@pytest.fixture(autouse=True, scope="module")
def eager() -> Iterator[None]:
    """Steps that are not traced first: there are hundreds of models."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


def model_of(cell: Cell) -> keras.Model:
    """A small model with the cell's output, the same weights each time."""
    keras.utils.set_random_seed(1)
    inputs = keras.Input((FEATURES,))
    units = int(np.prod(cell.shape))
    outputs = keras.layers.Reshape(cell.shape)(keras.layers.Dense(units)(inputs))
    return keras.Model(inputs, keras.layers.Activation(cell.activation)(outputs))


def experiment(loss: KerasComponent, metrics: list[KerasComponent]) -> Experiment:
    section = CompileSection.model_construct(
        loss=loss,
        metrics=tuple(metrics),
        optimizer=KerasComponent("optimizer", "SGD", {"learning_rate": 0.1}),
        weighted_metrics=(),
        loss_weights={},
        auto_scale_loss=True,
    )
    return Experiment.model_construct(
        compile=section,
        model=ModelSection.model_construct(layers=(), outputs={}, inputs={}),
        execution=ExecutionSection(),
        fit=FitSection(),
    )


def in_batch(cell: Cell, loss: str) -> Any:
    """The labels of all samples as a batch holds them."""
    y, labels = cell.labels(loss)
    return np.asarray(keras.ops.one_hot(y, cell.shape[-1])) if labels.as_one_hot else y


def by_hand(cell: Cell, name: str) -> Any:
    """The labels as a person converts them for this loss or metric: one-hot where the output has a value for each class."""
    from label_matrix import KINDS

    y = np.asarray(KINDS[cell.kind])
    if cell.kind == "mask of 0 and 1" and cell.shape[-1] > 1:
        y = y[..., 0]
    classes = {"two classes", "three classes", "mask of three classes", "mask of 0 and 1", "sequence"}
    takes_indices = name.startswith("Sparse") or name in {
        "IoU",
        "MeanIoU",
        "Accuracy",
        "CategoricalGeneralizedCrossEntropy",
        "Circle",
        "CTC",
    }
    if cell.kind in classes and not takes_indices and cell.shape[-1] > 1:
        return keras.utils.to_categorical(y, cell.shape[-1])
    if cell.kind == "one-hot" and takes_indices:
        return y.argmax(-1)
    return y.astype("float32")


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_losses_train_as_a_script_trains(cell: Cell) -> None:
    for name in LOSSES:
        if cell.loss(name) is not None:
            continue
        arguments = {**ARGUMENTS.get(name, {}), **cell.logits(name)}
        mine, script = model_of(cell), model_of(cell)
        compile_model(mine, experiment(KerasComponent("loss", name, arguments), []), Labels())
        script.compile(keras.optimizers.SGD(0.1), getattr(keras.losses, name)(**arguments))
        found = mine.train_on_batch(_X, in_batch(cell, name))
        expected = script.train_on_batch(_X, by_hand(cell, name))
        np.testing.assert_allclose(found, expected, rtol=1e-6, err_msg=f"{cell}: {name}")
        for one, other in zip(mine.get_weights(), script.get_weights(), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6, err_msg=f"{cell}: {name}")


@pytest.mark.parametrize("cell", [cell for cell in CELLS if cell.loss(cell.standard[0]) is None], ids=str)
def test_metrics_measure_what_a_script_measures(cell: Cell) -> None:
    loss, arguments = cell.standard
    names = [name for name in (*METRICS, *WORDS) if not isinstance(cell.metric(name), Misfit)]
    metrics = [KerasComponent("metric", name, ARGUMENTS.get(name, {})) for name in names]
    _, labels = cell.labels(loss)
    model = model_of(cell)
    scores = model(_X)  # with the logits that Keras's crossentropies look for
    compile_model(
        model,
        experiment(KerasComponent("loss", loss, arguments), metrics),
        Labels({"": labels}),
        {"": cell.output},
    )
    logs = model.train_on_batch(_X, in_batch(cell, loss), return_dict=True)
    flat: dict[str, Any] = {}
    for key, value in logs.items():
        flat |= value if isinstance(value, dict) else {key: value}
    for name, metric in zip(names, metrics, strict=True):
        key = name if name in WORDS else _key(metric)
        expected = measured_by_hand(cell, name, scores)
        np.testing.assert_allclose(
            float(flat[key]), float(np.mean(expected)), rtol=1e-6, atol=1e-6, err_msg=f"{cell}: {name}"
        )
        if np.ndim(expected):
            several = [float(value) for found, value in flat.items() if found.startswith(f"{key}/")]
            np.testing.assert_allclose(several, expected, rtol=1e-6, atol=1e-6)


def _key(metric: KerasComponent) -> str:
    from trainctl.config.model.keras_names import metric_name

    return metric_name(metric)


def probabilities(cell: Cell, scores: Any) -> Any:
    """What a person makes of the model's outputs before they are compared with labels."""
    loss, arguments = cell.standard
    if cell.activation != "linear" or not (arguments.get("from_logits") or loss == "Hinge"):
        return scores
    return np.asarray(keras.ops.softmax(scores) if cell.shape[-1] > 1 else keras.ops.sigmoid(scores))


_THRESHOLDS = frozenset(
    [
        "BinaryAccuracy",
        "F1Score",
        "FBetaScore",
        "AUC",
        "Precision",
        "Recall",
        "TruePositives",
        "TrueNegatives",
        "FalsePositives",
        "FalseNegatives",
        "PrecisionAtRecall",
        "RecallAtPrecision",
        "SensitivityAtSpecificity",
        "SpecificityAtSensitivity",
        "BinaryIoU",
    ]
)
_OF_PROBABILITIES = _THRESHOLDS | {
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "SparseCategoricalCrossentropy",
    "KLDivergence",
}


def measured_by_hand(cell: Cell, name: str, scores: Any) -> Any:
    """What Keras's metric says of labels and outputs that were converted by hand."""
    if name in WORDS:
        name = "BinaryAccuracy" if cell.shape[-1] == 1 else "CategoricalAccuracy"
    y, outputs, arguments = by_hand(cell, name), scores, dict(ARGUMENTS.get(name, {}))
    if name in _OF_PROBABILITIES:
        outputs = probabilities(cell, scores)
    if cell.kind == "signs" and name in _THRESHOLDS | {"IoU", "MeanIoU", "Accuracy", "BinaryCrossentropy"}:
        y = (y + 1) / 2
    if name in {"IoU", "MeanIoU", "Accuracy"}:
        certain = np.asarray(probabilities(cell, scores))
        outputs = (certain > 0.5).astype(int)[..., 0] if cell.shape[-1] == 1 else certain.argmax(-1)
        y = y.reshape(np.shape(outputs))
    if name in {"F1Score", "FBetaScore", "R2Score"}:
        y, outputs = y.reshape(-1, cell.shape[-1]), np.reshape(outputs, (-1, cell.shape[-1]))
        arguments |= {"threshold": 0.5} if cell.shape[-1] == 1 and name != "R2Score" else {}
    if name == "BinaryCrossentropy" and cell.shape[-1] == 1:
        y = y.reshape(np.shape(outputs))
    metric = getattr(keras.metrics, name)(**arguments)
    metric.update_state(y, outputs)
    return np.asarray(metric.result())
