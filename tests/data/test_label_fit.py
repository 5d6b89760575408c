"""A model whose output does not fit the labels is refused, at the layer or the loss that is to blame."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from workplace import Workplace

from trainctl.components.dataset import Dataset, Samples
from trainctl.components.labels import LabelKind, Labels, OutputLabels
from trainctl.config.load import load
from trainctl.config.model.wanted import wanted_labels
from trainctl.data.label_fit import check_fit
from trainctl.data.labels import decide_labels
from trainctl.errors import BuildError

pytestmark = pytest.mark.tf


def check(workplace: Workplace, loss: str, output: tuple[int, ...], y: Any, metrics: Any = ()) -> list[str]:
    """Check a model with `output` per sample against the labels `y`."""
    layers = [{"Dense": {"units": output[-1], "activation": "relu"}}]
    data = {"source": {"NPZ": {"path": "data.npz"}}}
    section = {"loss": loss, "metrics": list(metrics)}
    experiment = load(str(workplace.write(data=data, model={"layers": layers}, compile=section))).experiment
    inputs = keras.Input((4,))
    units = int(np.prod(output))
    model = keras.Model(inputs, keras.layers.Reshape(output)(keras.layers.Dense(units)(inputs)))
    _, labels = decide_labels(Dataset(Samples(np.zeros(len(y)), np.asarray(y))), wanted_labels(experiment))
    return [note.message for note in check_fit(experiment, model, labels)[1]]


INDICES = np.array([0, 1, 2, 0])
FLOATS = np.array([0.5, 1.5], np.float32)
PAIRS = np.zeros((4, 2), np.float32)


@pytest.mark.parametrize(
    ("loss", "output", "y"),
    [
        ("sparse_categorical_crossentropy", (3,), INDICES),
        ("sparse_categorical_crossentropy", (10,), INDICES),
        ("binary_crossentropy", (1,), INDICES % 2),
        ("categorical_crossentropy", (3,), INDICES),
        ("mse", (1,), FLOATS),
        ("mse", (1,), INDICES),
        ("poisson", (1,), INDICES),
        ("mse", (2,), PAIRS),
        ("mae", (2,), PAIRS),
        ("categorical_crossentropy", (2,), PAIRS),
        ("kl_divergence", (1,), INDICES % 2),
    ],
)
def test_it_fits(workplace: Workplace, loss: str, output: Any, y: Any) -> None:
    assert check(workplace, loss, output, y) == []


@pytest.mark.parametrize(
    ("loss", "output", "y", "message", "path"),
    [
        (
            "sparse_categorical_crossentropy",
            (2,),
            INDICES,
            "Dense has 2 outputs, but the labels have 3 classes",
            "model.layers.Dense",
        ),
        ("sparse_categorical_crossentropy", (3,), FLOATS, "needs class indices", "compile.loss"),
        ("sparse_categorical_crossentropy", (3,), np.eye(3), "the labels are one-hot", "compile.loss"),
        ("categorical_crossentropy", (1,), INDICES, "needs one per class", "model.layers.Dense"),
        ("categorical_crossentropy", (1,), FLOATS, "needs one-hot labels", "compile.loss"),
        ("binary_crossentropy", (2,), INDICES % 2, "needs 1", "model.layers.Dense"),
        ("binary_crossentropy", (1,), INDICES, "needs 2 classes, but the labels have 3", "compile.loss"),
        ("binary_crossentropy", (1,), INDICES % 2 + 1, "they are 1 and 2", "compile.loss"),
        ("binary_crossentropy", (1,), INDICES % 2 * 2 - 1, "range from -1 to 1", "compile.loss"),
        ("mse", (3,), FLOATS, "output shape (3,), but each label has shape ()", "model.layers.Dense"),
        ("mse", (3,), PAIRS, "output shape (3,), but each label has shape (2,)", "model.layers.Dense"),
        ("mse", (3,), INDICES, "needs as many values as outputs in each label", "compile.loss"),
        ("hinge", (1,), INDICES, "needs 2 classes", "compile.loss"),
        ("dice", (3,), INDICES, "the labels are class indices", "compile.loss"),
    ],
)
def test_it_does_not(workplace: Workplace, loss: str, output: Any, y: Any, message: str, path: str) -> None:
    with pytest.raises(BuildError) as caught:
        check(workplace, loss, output, y)
    (diagnostic,) = caught.value.diagnostics
    assert message in diagnostic.message
    assert diagnostic.path == path
    assert diagnostic.location is not None
    assert diagnostic.hint


def test_all_problems_are_in_one_report(workplace: Workplace) -> None:
    metrics = [{"MeanIoU": {"num_classes": 2}}, "accuracy", {"OneHotMeanIoU": {"num_classes": 2}}, {"Mean": {}}]
    with pytest.raises(BuildError) as caught:
        check(workplace, "sparse_categorical_crossentropy", (3,), INDICES, metrics)
    paths = [diagnostic.path for diagnostic in caught.value.diagnostics]
    assert paths == [f"compile.metrics.{name}" for name in ("MeanIoU", "OneHotMeanIoU", "Mean")]


def test_what_a_number_does_not_say_is_told(workplace: Workplace) -> None:
    hot = np.array([[1, 1, 0], [0, 1, 0]])
    assert "use binary_accuracy" in check(workplace, "binary_crossentropy", (3,), hot, ["accuracy"])[0]
    [note] = check(workplace, "sparse_categorical_crossentropy", (2,), INDICES % 2, [{"Precision": {}}])
    assert "set class_id: 1" in note


BOTH = {"layers": [{"Dense": {"units": 2, "name": n}, "from": "input"} for n in ("a", "b")], "outputs": ["a", "b"]}


def vectors(names: tuple[str, ...], *lengths: int) -> Labels:
    return Labels(
        {
            name: OutputLabels(LabelKind.NUMBER, (length,), lowest=0, highest=9)
            for name, length in zip(names, lengths, strict=True)
        }
    )


class TestSeveralOutputs:
    def check(self, workplace: Workplace, labels: Labels) -> None:
        experiment = load(str(workplace.write(model=BOTH, compile={"loss": "mse"}))).experiment
        inputs = keras.Input((4,))
        outputs = {name: keras.layers.Dense(2)(inputs) for name in ("a", "b")}
        check_fit(experiment, keras.Model(inputs, outputs), labels)

    def test_each_has_its_labels(self, workplace: Workplace) -> None:
        self.check(workplace, vectors(("a", "b"), 2, 2))

    def test_each_is_checked(self, workplace: Workplace) -> None:
        with pytest.raises(BuildError) as caught:
            self.check(workplace, vectors(("a", "b"), 2, 3))
        assert [each.path for each in caught.value.diagnostics] == ["model.layers.1.Dense"]

    @pytest.mark.parametrize("names", [("",), ("a", "c")])
    def test_labels_of_other_names_do_not_fit(self, workplace: Workplace, names: tuple[str, ...]) -> None:
        with pytest.raises(BuildError, match="the model has the outputs a and b, but the data has"):
            self.check(workplace, vectors(names, *[2] * len(names)))
