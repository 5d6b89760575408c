"""The losses that soft labels need."""

from collections.abc import Callable

import pytest

from trainctl.config.load import Loaded
from trainctl.config.model.soft import with_soft_losses

LOSS = "loss: sparse_categorical_crossentropy"


@pytest.mark.parametrize(
    ("loss", "soft"),
    [
        ("sparse_categorical_crossentropy", "categorical_crossentropy"),
        ("{SparseCategoricalCrossentropy: {from_logits: true}}", "CategoricalCrossentropy"),
        ("{SparseCategoricalCrossentropy: {ignore_class: 1}}", "SparseCategoricalCrossentropy"),
        ("{CategoricalHinge: {name: margin}}", "CategoricalHinge"),
    ],
)
def test_a_loss_of_class_indices_becomes_one_of_one_hot_labels(
    load_text: Callable[..., Loaded], experiment: str, loss: str, soft: str
) -> None:
    text = experiment.replace(LOSS, f"loss: {loss}").replace("metrics: [accuracy]", "metrics: [mae]")
    mixing = load_text(
        text.replace("  validation_split: 0.2", "  validation_split: 0.2\n  augment: [CutMix]")
    ).experiment
    assert with_soft_losses(mixing).compile.loss.name == soft
    plain = load_text(text).experiment
    assert with_soft_losses(plain) is plain
