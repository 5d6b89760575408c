"""What labels are, as one frozen value."""

from __future__ import annotations

import pytest

from trainctl.components.labels import LabelKind, Labels, OutputLabels


@pytest.mark.parametrize(
    ("kind", "dtype", "are_classes"),
    [
        ("index", "int64", True),
        ("one_hot", "float32", False),
        ("multi_hot", "float32", False),
        ("number", "float32", False),
    ],
)
def test_each_kind_has_a_type(kind: str, dtype: str, are_classes: bool) -> None:
    labels = OutputLabels(LabelKind(kind))
    assert (labels.dtype, labels.are_classes) == (dtype, are_classes)
    assert LabelKind(kind).noun


@pytest.mark.parametrize(
    ("lowest", "highest", "whole", "binary", "signs"),
    [(0, 1, True, True, False), (-1, 1, True, False, True), (0, 2, True, False, False), (0, 1, False, False, False)],
)
def test_two_values(lowest: float, highest: float, whole: bool, binary: bool, signs: bool) -> None:
    labels = OutputLabels(LabelKind.NUMBER, lowest=lowest, highest=highest, is_whole=whole)
    assert (labels.are_binary, labels.are_signs) == (binary, signs)


def test_one_output_or_several() -> None:
    index = OutputLabels(LabelKind.INDEX, classes=2, names=("a", "b"))
    number = OutputLabels(LabelKind.NUMBER)
    one, two = Labels({"": index}), Labels({"kind": index, "size": number})
    assert (one.only, one.class_names, one.num_classes, one.are_classes) == (index, ("a", "b"), 2, True)
    assert (two.only, two.class_names, two.num_classes, two.are_classes) == (None, (), None, False)
