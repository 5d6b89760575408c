"""Residual branches are added to what they were given, projected where the shapes differ."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from graphs import built

from trainctl.errors import BuildError

pytestmark = pytest.mark.tf


def zeros(*shape: int) -> np.ndarray:
    return np.zeros((4, *shape), np.float32)


def test_equal_shapes_are_just_added(tmp_path: Path) -> None:
    model = built(tmp_path, "layers:\n  - Rescaling: {scale: 2}\n    residual: true", zeros(3))
    np.testing.assert_allclose(model(np.ones((1, 3), np.float32)), [[3, 3, 3]])
    assert model.count_params() == 0


@pytest.mark.parametrize(
    ("shape", "branch", "weights"),
    [
        ((4,), "Dense: {units: 7}", (4, 7)),
        ((6, 4), "Conv1D: {filters: 7, kernel_size: 3, strides: 2, padding: same}", (1, 4, 7)),
        ((7, 8, 3), "Conv2D: {filters: 5, kernel_size: 3, strides: [2, 1], padding: same}", (1, 1, 3, 5)),
        ((4, 4, 4, 2), "Conv3D: {filters: 3, kernel_size: 1}", (1, 1, 1, 2, 3)),
    ],
)
def test_other_shapes_are_projected(
    tmp_path: Path, shape: tuple[int, ...], branch: str, weights: tuple[int, ...]
) -> None:
    text = f"layers:\n  - layers:\n      - {branch}\n    residual: true"
    model = built(tmp_path, text, zeros(*shape))
    projection = model.get_layer("residual.project")
    assert [tuple(weight.shape) for weight in projection.weights] == [weights]
    assert model.output.shape == model.layers[1].output.shape


def test_a_dimension_that_is_not_known_is_taken_as_the_same(tmp_path: Path) -> None:
    text = "inputs: {x: {shape: [null, 4]}}\nlayers:\n  - Dense: {units: 7}\n    residual: true"
    assert built(tmp_path, text, zeros(6, 4)).output.shape == (None, None, 7)


def test_no_stride_leads_from_five_steps_to_four(tmp_path: Path) -> None:
    text = "layers:\n  - Conv1D: {filters: 4, kernel_size: 2}\n    residual: true"
    with pytest.raises(
        BuildError, match=r"a residual branch of shape \(4, 4\) cannot be added to its input of shape \(5, 4\)"
    ):
        built(tmp_path, text, zeros(5, 4))


def test_a_projection_of_ones_own_and_other_merges(tmp_path: Path) -> None:
    text = """
    layers:
      - Dense: {units: 6, name: branch}
        residual: {projection: [Dense: {units: 6, use_bias: false}], merge: MERGE}
    """
    for merge, size in (("add", 6), ("multiply", 6), ("concat", 12)):
        model = built(tmp_path, text.replace("MERGE", merge), zeros(3))
        assert model.output.shape == (None, size)
        assert model.count_params() == 3 * 6 + 6 + 3 * 6
