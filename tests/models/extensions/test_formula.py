"""Formulas over keras.ops: one value for each place, and nothing broadcast by accident."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.tf

RANDOM = np.random.default_rng(0)
Y, P = RANDOM.random((5, 3)).astype("float32"), RANDOM.random((5, 3)).astype("float32")


def values(formula: str, y: object = Y, p: object = P) -> np.ndarray:
    from trainctl.models.extensions.formula import compute_values

    return np.array(compute_values(formula)(y, p))


def test_every_function_is_one_of_keras_and_keeps_the_samples_apart() -> None:
    import keras

    from trainctl.components.formulas import FUNCTIONS

    for name, count in FUNCTIONS.items():
        assert hasattr(keras.ops, name), name
        formula = f"{name}({', '.join(['p', 'y', '1'][:count])})"
        whole = values(formula)
        assert whole.shape == (5,), name
        np.testing.assert_allclose(whole[:2], values(formula, Y[:2], P[:2]), rtol=1e-6, err_msg=name)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("mean(abs(y - p) * where(y > p, 2, 1))", (np.abs(Y - P) * np.where(Y > P, 2, 1)).mean(axis=1)),
        ("abs(y - p)", np.abs(Y - P).mean(axis=1)),
        ("sum(square(p - mean(p)))", np.square(P - P.mean(axis=1, keepdims=True)).sum(axis=1)),
        ("argmax(y) == argmax(p)", (Y.argmax(axis=1) == P.argmax(axis=1)).astype(float)),
        ("p * 10**10 + 2**40 * 2**-1", (P.astype(float) * 1e10 + 2.0**39).mean(axis=1)),  # no integer overflows
        ("(y > 0.5) + (p > 0.5) - (y > p)", (1.0 * (Y > 0.5) + (P > 0.5) - (Y > P)).mean(axis=1)),
        ("(y > 0.5) * 3 // 2 + p % 1 - -(+p) ** 2 / 2", None),
        ("max(p) - min(p) + (y != p) + (y <= p)", None),
    ],
)
def test_it_calculates_as_numpy_does(formula: str, expected: np.ndarray | None) -> None:
    found = values(formula)
    assert found.shape == (5,)
    if expected is not None:
        np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_labels_without_the_last_axis_of_the_outputs_are_given_it() -> None:
    y, p = np.arange(4), np.arange(4.0)[:, None]
    np.testing.assert_array_equal(values("abs(y - p)", y, p), np.zeros(4))
    np.testing.assert_array_equal(values("abs(y - p)", y, p[:, 0]), np.zeros(4))
    assert values("abs(y - p)", np.zeros((2, 4)), np.zeros((2, 4, 1))).shape == (2, 4)


@pytest.mark.parametrize("shapes", [((4,), (4, 3)), ((4, 1), (4, 3)), ((4, 2), (4, 3)), ((4, 3), (4,))])
def test_shapes_that_would_be_broadcast_are_refused(shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    with pytest.raises(ValueError, match="do not match"):
        values("abs(y - p)", np.zeros(shapes[0]), np.zeros(shapes[1]))
