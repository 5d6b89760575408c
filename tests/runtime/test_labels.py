"""A model whose output does not fit the labels is refused, at the layer or the loss that is to blame."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from workplace import Workplace

from trainctl.components.dataset import LabelKind, Samples
from trainctl.config.load import load
from trainctl.errors import BuildError
from trainctl.runtime.data import Prepared
from trainctl.runtime.labels import check_labels
from trainctl.runtime.split import Splits

pytestmark = pytest.mark.tf

CLASSES, NUMBERS = LabelKind.CLASSES, LabelKind.NUMBERS


def check(
    workplace: Workplace, loss: str, output: tuple[int, ...], y: Any, kind: LabelKind, classes: int | None
) -> None:
    """Check a model with `output` per sample against the labels `y`."""
    data = {"source": {"NPZ": {"path": "data.npz"}}}
    layers = [{"Dense": {"units": output[-1], "activation": "relu"}}]
    loaded = load(str(workplace.write(data=data, model={"layers": layers}, compile={"loss": loss})))
    samples = Samples(np.zeros((len(y), 4), np.float32), y)
    facts = {"num_classes": classes}
    prepared = Prepared(
        Splits(samples, None, None), kind, (), facts, "NPZ", None, None, {}, "", loaded.experiment.data, 0
    )
    inputs = keras.Input((4,))
    units = int(np.prod(output))
    check_labels(
        loaded.experiment,
        keras.Model(inputs, keras.layers.Reshape(output)(keras.layers.Dense(units)(inputs))),
        prepared,
    )


INDICES = np.array([0, 1, 2, 0])
FLOATS = np.array([0.5, 1.5], np.float32)
PAIRS = np.zeros((4, 2), np.float32)


@pytest.mark.parametrize(
    ("loss", "output", "y", "kind", "classes"),
    [
        ("sparse_categorical_crossentropy", (3,), INDICES, CLASSES, 3),
        ("sparse_categorical_crossentropy", (10,), INDICES, CLASSES, 3),
        ("binary_crossentropy", (1,), INDICES % 2, CLASSES, 2),
        ("mse", (1,), FLOATS, NUMBERS, None),
        ("mse", (2,), PAIRS, NUMBERS, None),
        ("mae", (2,), PAIRS, NUMBERS, None),
        ("categorical_crossentropy", (2,), PAIRS, NUMBERS, None),
    ],
)
def test_it_fits(workplace: Workplace, loss: str, output: Any, y: Any, kind: LabelKind, classes: int | None) -> None:
    check(workplace, loss, output, y, kind, classes)


@pytest.mark.parametrize(
    ("loss", "output", "y", "kind", "classes", "message", "path"),
    [
        ("sparse_categorical_crossentropy", (2,), INDICES, CLASSES, 3, "3 classes, but it gives 2 outputs", "model.layers.Dense"),
        ("sparse_categorical_crossentropy", (3,), FLOATS, NUMBERS, None, "wants class indices", "compile.loss"),
        ("categorical_crossentropy", (3,), INDICES, CLASSES, 3, "wants one-hot labels", "compile.loss"),
        ("binary_crossentropy", (2,), INDICES % 2, CLASSES, 2, "wants 1 output, but it gives 2", "model.layers.Dense"),
        ("binary_crossentropy", (1,), INDICES, CLASSES, 3, "is for 2 classes, but the labels have 3", "compile.loss"),
        ("mse", (3,), FLOATS, NUMBERS, None, "each label has shape (), but it gives (3,)", "model.layers.Dense"),
        ("mse", (3,), PAIRS, NUMBERS, None, "each label has shape (2,), but it gives (3,)", "model.layers.Dense"),
    ],
)  # fmt: skip
def test_it_does_not(
    workplace: Workplace, loss: str, output: Any, y: Any, kind: LabelKind, classes: int | None, message: str, path: str
) -> None:
    with pytest.raises(BuildError) as caught:
        check(workplace, loss, output, y, kind, classes)
    (diagnostic,) = caught.value.diagnostics
    assert message in diagnostic.message
    assert diagnostic.path == path
    assert diagnostic.location is not None
