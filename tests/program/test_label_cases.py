"""Labels, outputs, losses, metrics and augmentation as people put them together: trained rightly, or refused at their line.

Each case is a file as it was met, small; a refusal names its place and what to do, and ends before the first step.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from workplace import Workplace

pytestmark = pytest.mark.tf

N = 40
CLASSES = np.arange(N) % 3
MASKS = np.arange(N * 16).reshape(N, 4, 4, 1) % 3
VECTORS = np.random.default_rng(0).normal(size=(N, 6)).astype("float32")
IMAGES = np.random.default_rng(1).normal(size=(N, 4, 4, 2)).astype("float32")
SPARSE, CATEGORICAL, BINARY = "sparse_categorical_crossentropy", "categorical_crossentropy", "binary_crossentropy"
F1 = {"F1Score": {"average": "macro"}}
IOU = {"MeanIoU": {"num_classes": 3}}


def dense(units: Any, activation: str | None = None, name: str | None = None) -> dict[str, Any]:
    more = {"activation": activation, "name": name}
    return {"Dense": {"units": units, **{key: value for key, value in more.items() if value}}}


SOFTMAX, SIGMOID = dense(3, "softmax"), dense(1, "sigmoid")


@dataclass(frozen=True)
class Case:
    """One experiment.

    Args:
        y: Labels of an NPZ, or the lines of a CSV file.
        layers: The model's.
        loss: The loss.
        more: What else is in the file, by section.
        refused: The exit code, the text at the place, and the message and the fix; `None` where it trains.
        x: Inputs of an NPZ; `None` takes vectors.
        logs: The keys of the first epoch, `val_` ones left out.
    """

    y: Any
    layers: list[Any]
    loss: Any
    more: Mapping[str, Any] = field(default_factory=dict)
    refused: tuple[int, str, str] | None = None
    x: Any = None
    logs: tuple[str, ...] = ()

    def write(self, workplace: Workplace) -> str:
        """Write the data and the file; return its name."""
        more = dict(self.more)
        if isinstance(self.y, str):
            source: Any = {"CSV": {"path": "data.csv", "label": "label"}}
            (workplace.folder / "data.csv").write_text(self.y)
        elif self.y is None:
            source = more.pop("source")
        else:
            source = {"NPZ": {"path": "data.npz"}}
            np.savez(workplace.folder / "data.npz", x=VECTORS if self.x is None else self.x, y=self.y)
        sections = {
            "data": {"source": source, "validation_split": 0.25, "batch_size": 10, **more.pop("data", {})},
            "model": {"layers": self.layers},
            "compile": {"optimizer": "adam", "loss": self.loss, **more.pop("compile", {})},
            "fit": {"epochs": 1, **more.pop("fit", {})},
        }
        return workplace.write(**sections, **more).name


def lines(label: Callable[[int], Any], header: str = "a,b,label") -> str:
    return "\n".join([header, *(f"{i},{i * 7 % 11},{label(i)}" for i in range(N))]) + "\n"


def metrics(*names: Any) -> dict[str, Any]:
    return {"compile": {"metrics": list(names)}}


def augment(*layers: Any, **compile_: Any) -> dict[str, Any]:
    return {"data": {"augment": list(layers)}, "compile": compile_}


IGNORING = {"SparseCategoricalCrossentropy": {"ignore_class": 255}}
WITH_255 = np.where(np.arange(16).reshape(1, 4, 4, 1) == 0, 255, MASKS)
FLIPPED = {"loss": 0.0, "val_loss": 0.0}

TRAINED: dict[str, Case] = {
    "metrics of one-hot labels on class indices": Case(
        CLASSES,
        [SOFTMAX],
        SPARSE,
        metrics(F1, "AUC", IOU, "Precision", "Recall", {"TopKCategoricalAccuracy": {"k": 2}}, "CategoricalAccuracy"),
        logs=("f1_score", "auc", "mean_io_u", "precision", "recall", "top_k_categorical_accuracy"),
    ),
    "an F1 score of each class": Case(
        lines(lambda i: ["ant", "bee", "cat"][i % 3]),
        [SOFTMAX],
        SPARSE,
        metrics("F1Score"),
        logs=("f1_score", "f1_score/ant", "f1_score/bee", "f1_score/cat"),
    ),
    "an F1 score of two classes": Case(CLASSES % 2, [SIGMOID], BINARY, metrics("F1Score"), logs=("f1_score",)),
    "one-hot labels": Case(np.eye(3)[CLASSES], [SOFTMAX], CATEGORICAL, metrics("accuracy", "AUC"), logs=("auc",)),
    "one-hot labels of bytes": Case(np.eye(3, dtype="uint8")[CLASSES], [SOFTMAX], CATEGORICAL, metrics("accuracy")),
    "masks with a last axis": Case(MASKS, [SOFTMAX], SPARSE, metrics("accuracy", IOU), x=IMAGES, logs=("mean_io_u",)),
    "masks without": Case(MASKS[..., 0], [SOFTMAX], SPARSE, metrics("accuracy", IOU), x=IMAGES, logs=("mean_io_u",)),
    "masks beside a loss of one-hot labels": Case(MASKS, [SOFTMAX], CATEGORICAL, metrics("accuracy"), x=IMAGES),
    "masks with pixels that do not count": Case(
        WITH_255,
        [SOFTMAX],
        IGNORING,
        metrics({"MeanIoU": {"num_classes": 3, "ignore_class": 255}}),
        x=IMAGES,
        logs=("mean_io_u",),
    ),
    "masks that ignore -1": Case(
        MASKS - 1, [dense(2, "softmax")], {"SparseCategoricalCrossentropy": {"ignore_class": -1}}, x=IMAGES
    ),
    "MixUp on class indices": Case(CLASSES, ["Flatten", SOFTMAX], SPARSE, augment("MixUp"), x=IMAGES),
    "CutMix on masks": Case(MASKS, [SOFTMAX], SPARSE, augment("CutMix"), x=IMAGES),
    "MixUp of two classes": Case(
        CLASSES % 2, ["Flatten", SIGMOID], BINARY, augment("MixUp", metrics=["accuracy", "AUC"]), x=IMAGES
    ),
    "MixUp of numbers": Case(VECTORS[:, 0], ["Flatten", dense(1)], "mse", augment("MixUp"), x=IMAGES),
    "MixUp with class weights": Case(
        CLASSES,
        ["Flatten", SOFTMAX],
        SPARSE,
        {**augment("MixUp", metrics=["accuracy"]), "fit": {"class_weight": {"0": 1, "1": 2, "2": 0}}},
        x=IMAGES,
    ),
    "booleans in three spellings": Case(
        lines(lambda i: ["TRUE", "True", "false", "FALSE"][i % 4]), [SIGMOID], BINARY, metrics("accuracy")
    ),
    "booleans of an array": Case(CLASSES == 0, [SIGMOID], BINARY, metrics("accuracy", "AUC")),
    "a column of row numbers without a name": Case(
        "\n".join([",a,label", *(f"{i},{i * 7 % 11},{['yes_', 'no_'][i % 2]}" for i in range(N))]) + "\n",
        [dense("${data.num_classes}", "softmax")],
        SPARSE,
    ),
    "class weights of masks": Case(
        MASKS, [SOFTMAX], CATEGORICAL, {"fit": {"class_weight": "balanced"}, **metrics("accuracy")}, x=IMAGES
    ),
    "class weights of one-hot labels": Case(
        np.eye(3)[CLASSES], [SOFTMAX], CATEGORICAL, {"fit": {"class_weight": {"0": 1, "1": 2, "2": 3}}}
    ),
    "distributions over classes": Case(
        np.random.default_rng(3).dirichlet([1, 1, 1], N).astype("float32"),
        [SOFTMAX],
        "kl_divergence",
        metrics("accuracy"),
        logs=("accuracy",),
    ),
    "two optimizers": Case(
        CLASSES % 2,
        [dense(4, name="base"), dense(1, "sigmoid", "head")],
        BINARY,
        {
            "compile": {
                "optimizer": {
                    "MultiOptimizer": {
                        "optimizer_map": {
                            "OptimizerMap": {
                                "default_optimizer": {"Adam": {}},
                                "optimizer_map": {"base/.*": {"SGD": {"learning_rate": 1e-5}}},
                            }
                        }
                    }
                }
            }
        },
    ),
}


@pytest.mark.parametrize("case", TRAINED.values(), ids=TRAINED)
def test_it_trains(case: Case, workplace: Workplace) -> None:
    run = workplace.train(config=case.write(workplace))
    assert set(case.logs) <= set(run.history[0])
    assert all(np.isfinite(value) for key, value in run.history[0].items() if "loss" in key)


@pytest.mark.parametrize(
    "layer",
    [
        {"RandomFlip": {"mode": "horizontal"}},
        "RandomFlip",
        {"RandomTranslation": {"height_factor": 0.3, "width_factor": 0.3}},
        {"RandomRotation": {"factor": 0.3}},
        {"RandomZoom": {"height_factor": 0.4}},
        {"RandomShear": {"x_factor": 0.4}},
        {"RandomPerspective": {"factor": 1.0}},
    ],
    ids=lambda layer: layer if isinstance(layer, str) else next(iter(layer)),
)
def test_masks_move_with_their_images(layer: Any, workplace: Workplace) -> None:
    """A model that gives its input back has no loss where the labels are its inputs: only if both move alike."""
    x = np.random.default_rng(2).random((N, 8, 8, 1)).astype("float32")
    identity = {"Conv2D": {"filters": 1, "kernel_size": 1, "kernel_initializer": "ones"}}
    frozen = {"optimizer": {"SGD": {"learning_rate": 0.0}}}
    case = Case(x, [identity], "mae", {"data": {"augment": [layer]}, "compile": frozen}, x=x)
    run = workplace.train(config=case.write(workplace))
    assert run.history[0]["loss"] == pytest.approx(0, abs=1e-6)


IRIS = {"source": "Iris"}
RATE = {"optimizer": {"Adam": {"learning_rate": -0.1}}}

REFUSED: dict[str, Case] = {
    "one-hot labels with the sparse loss": Case(
        np.eye(3)[CLASSES],
        [SOFTMAX],
        SPARSE,
        refused=(5, SPARSE, f"{SPARSE} needs class indices, but the labels are one-hot; use categorical_crossentropy"),
    ),
    "the same, said by hand": Case(
        CLASSES,
        [SOFTMAX],
        SPARSE,
        {"data": {"labels": "one_hot"}},
        (3, SPARSE, "the labels are one-hot; use categorical_crossentropy"),
    ),
    "pixels that do not count, without a word": Case(
        WITH_255, [SOFTMAX], SPARSE, {}, (5, "Dense", "the labels have 256 classes; set ignore_class: 255"), IMAGES
    ),
    "an image layer on a table": Case(
        None,
        [SOFTMAX],
        SPARSE,
        {**IRIS, "data": {"augment": ["RandomFlip"]}},
        (5, "RandomFlip", "RandomFlip is for images of shape (height, width, channels)"),
    ),
    "classes from 1 on": Case(
        lines(lambda i: i % 3 + 1),
        [dense("${data.num_classes}", "softmax")],
        SPARSE,
        {},
        (4, "label", "the labels range from 1 to 3, but class indices start at 0; add map_labels: {shift: -1} to data"),
    ),
    "classes from 1 on, one-hot": Case(
        CLASSES + 1, [SOFTMAX], CATEGORICAL, {}, (4, "NPZ", "the labels range from 1 to 3")
    ),
    "two classes from 1 on": Case(
        CLASSES % 2 + 1, [SIGMOID], BINARY, {}, (5, BINARY, "needs the labels 0 and 1, but they are 1 and 2")
    ),
    "a negative learning rate": Case(
        None, [SOFTMAX], SPARSE, {**IRIS, "compile": RATE}, (3, "-0.1", "`learning_rate` must be at least 0, got -0.1")
    ),
    "a regression of classes": Case(
        None, [SOFTMAX], "mse", {**IRIS}, (3, "mse", "the labels are class indices; use sparse_categorical")
    ),
    "accuracy of numbers": Case(
        lines(lambda i: i % 5 + 0.5),
        [dense(1)],
        "mse",
        metrics("accuracy"),
        (5, "accuracy", "accuracy counts correct classes, but the labels are numbers; use mae"),
    ),
    "two outputs for a binary metric": Case(
        CLASSES % 2,
        [dense(2, "softmax")],
        SPARSE,
        metrics("BinaryAccuracy"),
        (3, "BinaryAccuracy", "BinaryAccuracy needs one output for each label, but Dense has 2; use accuracy"),
    ),
    "softmax over one output": Case(
        CLASSES % 2, [dense(1, "softmax")], BINARY, {}, (3, "1", "which is always 1; use activation: sigmoid")
    ),
    "boxes that a flip would leave": Case(
        np.abs(VECTORS[:, :4]),
        ["Flatten", dense(4)],
        "mse",
        {"data": {"augment": ["RandomFlip"]}},
        (5, "RandomFlip", "bounding boxes"),
        IMAGES,
    ),
    "MixUp of class indices without a mean": Case(
        CLASSES % 2,
        ["Flatten", dense(1)],
        "hinge",
        augment("MixUp"),
        (5, "MixUp", "class indices, of which there is no mean"),
        IMAGES,
    ),
    "masks of 0 and 255": Case(
        (MASKS > 0) * 255,
        [SIGMOID],
        BINARY,
        {},
        (5, BINARY, "they range from 0 to 255; add map_labels: {scale: 1/255} to data"),
        IMAGES,
    ),
    "class weights of numbers": Case(
        VECTORS[:, 0],
        [dense(1)],
        "mse",
        {"fit": {"class_weight": "balanced"}},
        (5, "balanced", "class_weight needs classes, but the labels are numbers; remove fit.class_weight"),
    ),
    "class weights of several classes at once": Case(
        np.arange(N * 3).reshape(N, 3) // 2 % 2,
        [dense(3, "sigmoid")],
        BINARY,
        {"fit": {"class_weight": "balanced"}},
        (5, "balanced", "the labels are multi-hot"),
    ),
    "class weights of inputs": Case(
        CLASSES,
        [dense(6)],
        "mse",
        {"fit": {"class_weight": "balanced"}, "data": {"target": "inputs"}},
        (3, "balanced", "the model learns its inputs"),
    ),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_it_is_refused_at_its_place(case: Case, workplace: Workplace) -> None:
    assert case.refused is not None
    code, at, words = case.refused
    file = case.write(workplace)
    ended = workplace.call("validate", "--build", "--step", file, "--json")
    assert ended.exit_code == code, ended.stderr
    (result,) = json.loads(ended.stdout)
    errors = [each for each in result["diagnostics"] if each["severity"] == "error"]
    message, *fixes = words.split("; ")
    assert message in errors[0]["message"]
    assert not fixes or errors[0]["hint"].startswith(fixes[0])
    line = (workplace.folder / file).read_text().splitlines()[errors[0]["line"] - 1]
    assert re.match(rf"\"?{re.escape(at)}", line[errors[0]["column"] - 1 :]), line
