"""A model whose output does not fit the labels is refused, at the layer or the loss that is to blame."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from workplace import Workplace

from trainctl.config.load import load
from trainctl.data.label_fit import check_labels
from trainctl.errors import BuildError

pytestmark = pytest.mark.tf


def check(
    workplace: Workplace, loss: str, output: tuple[int, ...], y: Any, classes: int | None, known: Any = None
) -> None:
    """Check a model with `output` per sample against the labels `y`."""
    layers = [{"Dense": {"units": output[-1], "activation": "relu"}}]
    data = {"source": {"NPZ": {"path": "data.npz"}}}
    loaded = load(str(workplace.write(data=data, model={"layers": layers}, compile={"loss": loss})))
    inputs = keras.Input((4,))
    units = int(np.prod(output))
    model = keras.Model(inputs, keras.layers.Reshape(output)(keras.layers.Dense(units)(inputs)))
    check_labels(loaded.experiment, model, tf.TensorSpec((None, *y.shape[1:]), y.dtype), classes, known)


INDICES = np.array([0, 1, 2, 0])
FLOATS = np.array([0.5, 1.5], np.float32)
PAIRS = np.zeros((4, 2), np.float32)


@pytest.mark.parametrize(
    ("loss", "output", "y", "classes"),
    [
        ("sparse_categorical_crossentropy", (3,), INDICES, 3),
        ("sparse_categorical_crossentropy", (10,), INDICES, 3),
        ("binary_crossentropy", (1,), INDICES % 2, 2),
        ("mse", (1,), FLOATS, None),
        ("mse", (2,), PAIRS, None),
        ("mae", (2,), PAIRS, None),
        ("categorical_crossentropy", (2,), PAIRS, None),
    ],
)
def test_it_fits(workplace: Workplace, loss: str, output: Any, y: Any, classes: int | None) -> None:
    check(workplace, loss, output, y, classes)


@pytest.mark.parametrize(
    ("loss", "output", "y", "classes", "message", "path"),
    [
        (
            "sparse_categorical_crossentropy",
            (2,),
            INDICES,
            3,
            "Dense has 2 outputs, but the labels have 3 classes",
            "model.layers.Dense",
        ),
        ("sparse_categorical_crossentropy", (3,), FLOATS, None, "needs class indices", "compile.loss"),
        ("categorical_crossentropy", (3,), INDICES, 3, "needs one-hot labels", "compile.loss"),
        ("binary_crossentropy", (2,), INDICES % 2, 2, "needs 1", "model.layers.Dense"),
        ("binary_crossentropy", (1,), INDICES, 3, "needs 2 classes, but the labels have 3", "compile.loss"),
        ("mse", (3,), FLOATS, None, "output shape (3,), but each label has shape ()", "model.layers.Dense"),
        ("mse", (3,), PAIRS, None, "output shape (3,), but each label has shape (2,)", "model.layers.Dense"),
    ],
)
def test_it_does_not(
    workplace: Workplace, loss: str, output: Any, y: Any, classes: int | None, message: str, path: str
) -> None:
    with pytest.raises(BuildError) as caught:
        check(workplace, loss, output, y, classes)
    (diagnostic,) = caught.value.diagnostics
    assert message in diagnostic.message
    assert diagnostic.path == path
    assert diagnostic.location is not None


@pytest.mark.parametrize(
    ("known", "message"),
    [
        (
            {"min": -1.0, "max": 1.0},
            "needs labels between 0 and 1, but they range from -1 to 1; number the classes 0 and 1",
        ),
        ({"classes": {"2": 5, "3": 5}}, "they are 2 and 3; number the classes 0 and 1"),
        ({"classes": {"1": 5, "2": 5}}, "they are 1 and 2; number the classes 0 and 1"),
    ],
)
def test_a_binary_loss_wants_0_and_1(workplace: Workplace, known: Any, message: str) -> None:
    with pytest.raises(BuildError) as caught:
        check(workplace, "binary_crossentropy", (1,), FLOATS, 4, {"y": known})
    assert message in caught.value.diagnostics[0].message
    check(workplace, "mse", (1,), FLOATS, None, {"y": known})


@pytest.mark.parametrize("known", [{"min": 0.0, "max": 1.0}, {"classes": {"no": 3, "yes": 4}}, {"classes": {"0": 3}}])
def test_a_binary_loss_takes_0_and_1(workplace: Workplace, known: Any) -> None:
    check(workplace, "binary_crossentropy", (1,), INDICES % 2, 2, {"y": known})


BOTH = {"layers": [{"Dense": {"units": 2, "name": n}, "from": "input"} for n in ("a", "b")], "outputs": ["a", "b"]}


class TestSeveralOutputs:
    def check(self, workplace: Workplace, labels: Any) -> None:
        experiment = load(str(workplace.write(model=BOTH, compile={"loss": "mse"}))).experiment
        inputs = keras.Input((4,))
        outputs = {name: keras.layers.Dense(2)(inputs) for name in ("a", "b")}
        check_labels(experiment, keras.Model(inputs, outputs), labels, None)

    def test_each_has_its_labels(self, workplace: Workplace) -> None:
        self.check(workplace, {name: tf.TensorSpec((None, 2), "float32") for name in ("a", "b")})

    def test_each_is_checked(self, workplace: Workplace) -> None:
        with pytest.raises(BuildError) as caught:
            self.check(workplace, {"a": tf.TensorSpec((None, 2), "float32"), "b": tf.TensorSpec((None,), "float32")})
        assert caught.value.diagnostics[0].path == "model.layers.1.Dense"

    @pytest.mark.parametrize("names", [(), ("a", "c")])
    def test_labels_of_other_names_do_not_fit(self, workplace: Workplace, names: tuple[str, ...]) -> None:
        spec = tf.TensorSpec((None, 2), "float32")
        with pytest.raises(BuildError, match="the model has the outputs a and b, but the data has"):
            self.check(workplace, dict.fromkeys(names, spec) or spec)
