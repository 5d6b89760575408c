"""Functions of keras.ops stand among the layers, where one would write a Lambda layer."""

from __future__ import annotations

import inspect
from operator import attrgetter
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from graphs import built

from trainctl import catalog

pytestmark = pytest.mark.tf

X = np.arange(12, dtype=np.float32).reshape(3, 4)
PAIR = "inputs: [a, b]\nlayers:\n  - Op: {%s}\n    from: [a, b]"


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        ("op: mean, axis: 1", X.mean(axis=1)),
        ("op: multiply, x2: 2", X * 2),
        ("op: subtract, x1: 1.0", 1 - X),
        ("op: reshape, newshape: [-1, 2, 2]", X.reshape(-1, 2, 2)),
        ("op: einsum, subscripts: 'ij->j'", X.sum(axis=0)),
        ("op: clip, x_min: 2, x_max: 5", X.clip(2, 5)),
        ("name: square", X**2),
    ],
)
def test_of_one_tensor(tmp_path: Path, op: str, expected: Any) -> None:
    np.testing.assert_allclose(built(tmp_path, f"layers: [Op: {{{op}}}]", X)(X), expected)


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        ("op: maximum", X + 1),
        ("op: concatenate, axis: 1", np.concatenate([X, X + 1], axis=1)),
        ("op: stack, axis: 1", np.stack([X, X + 1], axis=1)),
        ("op: einsum, subscripts: 'ij,ij->i'", (X * (X + 1)).sum(axis=1)),
    ],
)
def test_of_two_tensors(tmp_path: Path, op: str, expected: Any) -> None:
    model = built(tmp_path, PAIR % op, {"a": X, "b": X + 1})
    np.testing.assert_allclose(model({"a": X, "b": X + 1}), expected)


def test_tensors_by_the_names_of_arguments(tmp_path: Path) -> None:
    text = """
        inputs: [a, b]
        layers:
          - Op: {op: greater, x2: 5, name: large}
            from: a
          - Op: {op: where}
            from: large
            call: {x1: a, x2: b}
    """
    model = built(tmp_path, text, {"a": X, "b": X * 0})
    np.testing.assert_allclose(model({"a": X, "b": X * 0}), np.where(X > 5, X, 0))


def test_several_results_are_told_apart_by_index(tmp_path: Path) -> None:
    text = "layers:\n  - Op: {op: split, indices_or_sections: 2, axis: 1, name: parts}\n  - Subtract:\n    from: [parts.1, parts.0]"
    np.testing.assert_allclose(built(tmp_path, text, X)(X), np.full((3, 2), 2.0))


def test_it_is_known_by_its_name_and_kept_in_the_file(tmp_path: Path) -> None:
    model = built(
        tmp_path,
        "layers: [Op: {op: mean, axis: 1, name: pooled}, Op: {op: expand_dims, axis: 1}, Add: {name: add}]".replace(
            "Add: {name: add}", "Flatten"
        ),
        X,
    )
    assert [operation.name for operation in model.operations] == ["input", "pooled", "expand_dims", "flatten"]
    model.save(tmp_path / "m.keras")
    np.testing.assert_array_equal(keras.saving.load_model(tmp_path / "m.keras")(X), model(X))


@pytest.mark.parametrize("name", catalog.names("op"))
def test_the_catalog_knows_each_functions_arguments(name: str) -> None:
    entry = catalog.find("op", name)
    assert entry is not None
    known = inspect.signature(attrgetter(name)(keras.ops)).parameters.values()
    by_name = {p.name for p in known if p.kind not in {p.VAR_POSITIONAL, p.VAR_KEYWORD}}
    assert set(entry.parameter_names) >= by_name


def test_functions_for_images_are_named_with_their_namespace(tmp_path: Path) -> None:
    images = np.zeros((2, 8, 8, 3), np.float32)
    assert built(tmp_path, "layers: [Op: {op: image.extract_patches, size: 4}]", images).output.shape == (
        None,
        2,
        2,
        48,
    )
