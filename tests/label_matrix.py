"""Every kind of label beside the outputs that people give it: what the matrix of losses and metrics is made over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from trainctl.components.dataset import Dataset, Samples
from trainctl.components.labels import OutputLabels, Wanted
from trainctl.config.model.fits import Misfit, Output
from trainctl.config.model.loss_fits import fit_loss
from trainctl.config.model.metric_fits import fit_metric
from trainctl.config.model.needs import LOSSES, METRICS
from trainctl.data.labels import decide_labels

N = 12
_RNG = np.random.default_rng(7)
_MASK = np.arange(N * 16).reshape(N, 4, 4)

KINDS: dict[str, Any] = {
    "two classes": np.arange(N) % 2,
    "three classes": np.arange(N) % 3,
    "one-hot": np.eye(3)[np.arange(N) % 3],
    "multi-hot": _RNG.integers(0, 2, (N, 3)),
    "numbers": _RNG.uniform(0.2, 3, N),
    "vectors": _RNG.uniform(0.2, 3, (N, 3)),
    "signs": np.arange(N) % 2 * 2 - 1,
    "mask of three classes": _MASK % 3,
    "mask of 0 and 1": (_MASK % 2)[..., None],
    "sequence": np.where(np.arange(5) < 3, 1 + np.arange(N * 5).reshape(N, 5) % 2, 0),
}

OUTPUTS: dict[str, list[tuple[tuple[int, ...], str]]] = {
    "two classes": [((1,), "sigmoid"), ((1,), "linear"), ((1,), "softmax"), ((2,), "softmax")],
    "three classes": [((3,), "softmax"), ((3,), "linear"), ((1,), "linear"), ((2,), "softmax")],
    "one-hot": [((3,), "softmax"), ((3,), "sigmoid"), ((1,), "sigmoid")],
    "multi-hot": [((3,), "sigmoid"), ((1,), "sigmoid")],
    "numbers": [((1,), "linear"), ((3,), "linear")],
    "vectors": [((3,), "linear"), ((1,), "linear")],
    "signs": [((1,), "linear"), ((1,), "sigmoid")],
    "mask of three classes": [((4, 4, 3), "softmax"), ((4, 4, 1), "sigmoid"), ((3,), "softmax")],
    "mask of 0 and 1": [((4, 4, 1), "sigmoid"), ((4, 4, 2), "softmax")],
    "sequence": [((5, 3), "linear"), ((3,), "softmax")],
}

ARGUMENTS: dict[str, dict[str, Any]] = {
    "CategoricalGeneralizedCrossEntropy": {"q": 0.5},
    "IoU": {"num_classes": 3, "target_class_ids": [0, 1]},
    "MeanIoU": {"num_classes": 3},
    "OneHotIoU": {"num_classes": 3, "target_class_ids": [0, 1]},
    "OneHotMeanIoU": {"num_classes": 3},
    "BinaryIoU": {"target_class_ids": [0, 1]},
    "TopKCategoricalAccuracy": {"k": 2},
    "SparseTopKCategoricalAccuracy": {"k": 2},
    "PrecisionAtRecall": {"recall": 0.5},
    "RecallAtPrecision": {"precision": 0.5},
    "SensitivityAtSpecificity": {"specificity": 0.5},
    "SpecificityAtSensitivity": {"sensitivity": 0.5},
}

STANDARD: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {
    ("two classes", "sigmoid"): ("BinaryCrossentropy", {}),
    ("two classes", "linear"): ("BinaryCrossentropy", {"from_logits": True}),
    ("two classes", "softmax"): ("SparseCategoricalCrossentropy", {}),
    ("three classes", "softmax"): ("SparseCategoricalCrossentropy", {}),
    ("three classes", "linear"): ("SparseCategoricalCrossentropy", {"from_logits": True}),
    ("one-hot", "softmax"): ("CategoricalCrossentropy", {}),
    ("one-hot", "sigmoid"): ("CategoricalCrossentropy", {}),
    ("multi-hot", "sigmoid"): ("BinaryCrossentropy", {}),
    ("numbers", "linear"): ("MeanSquaredError", {}),
    ("vectors", "linear"): ("MeanSquaredError", {}),
    ("signs", "linear"): ("Hinge", {}),
    ("signs", "sigmoid"): ("Hinge", {}),
    ("mask of three classes", "softmax"): ("SparseCategoricalCrossentropy", {}),
    ("mask of three classes", "sigmoid"): ("BinaryCrossentropy", {}),
    ("mask of 0 and 1", "sigmoid"): ("BinaryCrossentropy", {}),
    ("mask of 0 and 1", "softmax"): ("SparseCategoricalCrossentropy", {}),
    ("sequence", "linear"): ("CTC", {}),
    ("sequence", "softmax"): ("SparseCategoricalCrossentropy", {}),
}
"""The loss that people use with a kind of label and an activation: metrics are tried beside it."""


@dataclass(frozen=True)
class Cell:
    """One kind of label beside one output."""

    kind: str
    shape: tuple[int, ...]
    activation: str

    def __str__(self) -> str:
        return f"{self.kind}, output {self.shape} {self.activation}"

    @property
    def output(self) -> Output:
        return Output(self.shape, self.activation, "Dense")

    @property
    def standard(self) -> tuple[str, dict[str, Any]]:
        return STANDARD[self.kind, self.activation]

    def labels(self, loss: str) -> tuple[Any, OutputLabels]:
        """The labels as they are kept, and what they are beside the loss."""
        data, labels = decide_labels(Dataset(Samples(np.zeros(N), KINDS[self.kind])), {"": Wanted(loss)})
        return data.train.y, labels.outputs[""]

    def loss(self, name: str) -> Misfit | None:
        """Why the loss does not fit."""
        arguments = {**ARGUMENTS.get(name, {}), **self.logits(name)}
        return fit_loss(name, name, arguments, self.labels(name)[1], self.output)

    def logits(self, name: str) -> dict[str, Any]:
        return {"from_logits": True} if LOSSES[name].logits_argument and self.activation == "linear" else {}

    def metric(self, name: str) -> Any:
        """What adapts the metric beside the standard loss, or why nothing does."""
        return fit_metric(
            name, name, ARGUMENTS.get(name, {}), self.labels(self.standard[0])[1], self.output, self.standard
        )


CELLS = [Cell(kind, *output) for kind, outputs in OUTPUTS.items() for output in outputs]
WORDS = ("accuracy",)


def refusals() -> Iterator[str]:
    """Every refusal of the matrix, those of one reason on one line."""
    for cell in CELLS:
        yield f"{cell}"
        for what, table, fit in (
            ("losses", LOSSES, cell.loss),
            (f"metrics beside {cell.standard[0]}", (*METRICS, *WORDS), cell.metric),
        ):
            reasons: dict[str, list[str]] = {}
            for name in table:
                found = fit(name)
                if isinstance(found, Misfit):
                    reason = f"{found.message.replace(name, '_')}; {found.hint}"
                    reasons.setdefault(reason, []).append(name)
            for reason, names in reasons.items():
                yield f"  {what} {', '.join(names)}: {reason}"


if __name__ == "__main__":
    from pathlib import Path

    file = Path(__file__).with_name("contracts") / "label_refusals.txt"
    file.write_text("\n".join(refusals()) + "\n", encoding="utf-8")
