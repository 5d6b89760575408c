"""Learned parameters, positions and constants: made of layers of plain Keras, trained and saved with the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from graphs import built

from trainctl.errors import BuildError

pytestmark = pytest.mark.tf


def sequences(*shape: int) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(4, *shape)).astype(np.float32)


def output(model: Any, x: Any) -> np.ndarray:
    return np.asarray(model(x))


def reloaded(model: Any, folder: Path) -> Any:
    from trainctl.backend import keras

    model.save(folder / "model.keras")
    return keras.models.load_model(folder / "model.keras", safe_mode=True)


@pytest.mark.parametrize("shape", [(1, 3), (5, 3), (3,), (2, 3, 4), (1, 1, 1, 2)])
def test_a_weight_is_the_same_for_every_sample_and_trained(tmp_path: Path, shape: tuple[int, ...]) -> None:
    model = built(tmp_path, f"layers:\n  - Weight: {{shape: {list(shape)}, name: w}}", sequences(6))
    x = sequences(6)
    found = output(model, x)
    assert found.shape == (4, *shape)
    assert all((found[index] == found[0]).all() for index in range(4))
    [variable] = model.trainable_variables
    np.testing.assert_array_equal(np.asarray(variable).ravel(), found[0].ravel())
    assert variable.path.startswith("w/")
    np.testing.assert_array_equal(output(reloaded(model, tmp_path), x), found)


def test_a_weight_takes_a_start_a_penalty_and_can_stay_as_it_is(tmp_path: Path) -> None:
    text = "layers:\n  - Weight: {shape: [2, 3], initializer: {Constant: {value: 0.5}}, regularizer: {L2: {l2: 1.0}}, trainable: TRAIN}"
    model = built(tmp_path, text.replace("TRAIN", "true"), sequences(2))
    np.testing.assert_array_equal(output(model, sequences(2)), np.full((4, 2, 3), 0.5))
    assert float(model.losses[0]) == pytest.approx(6 * 0.25)
    assert built(tmp_path, text.replace("TRAIN", "false"), sequences(2)).trainable_variables == []


def test_a_weight_cannot_count_the_samples_of_text(tmp_path: Path) -> None:
    texts = np.array([["a"], ["b"]], object)
    with pytest.raises(BuildError, match="takes only the number of samples from the node above, but that gives text"):
        built(tmp_path, "layers: [Weight: {shape: [1, 2]}]", texts)


def test_learned_positions_are_added_to_each_step(tmp_path: Path) -> None:
    x = sequences(5, 8)
    model = built(tmp_path, "layers:\n  - PositionEmbedding: {name: positions}", x)
    [variable] = model.trainable_variables
    assert (variable.path, tuple(variable.shape)) == ("positions/embeddings", (5, 8))
    np.testing.assert_allclose(output(model, x), x + np.asarray(variable), rtol=1e-6)
    np.testing.assert_array_equal(output(reloaded(model, tmp_path), x), output(model, x))


def test_sines_are_those_of_the_paper(tmp_path: Path) -> None:
    x = np.zeros((2, 6, 4), np.float32)
    model = built(tmp_path, "layers: [PositionEmbedding: {kind: sinusoidal}]", x)
    step, pair = np.arange(6)[:, None], np.array([0, 0, 1, 1])
    angles = step / 10_000 ** (2 * pair / 4)
    expected = np.where(np.array([0, 1, 0, 1]), np.cos(angles), np.sin(angles))
    np.testing.assert_allclose(output(model, x)[0], expected, atol=1e-6)
    assert model.trainable_variables == []
    np.testing.assert_array_equal(output(reloaded(model, tmp_path), x), output(model, x))


def test_sequences_of_any_length_need_the_longest(tmp_path: Path) -> None:
    text = "inputs: {x: {shape: [null, 4]}}\nlayers:\n  - PositionEmbedding: {ARGS}"
    with pytest.raises(BuildError, match="the length of the sequences that position_embedding takes is not known"):
        built(tmp_path, text.replace("ARGS", "kind: sinusoidal"), sequences(6, 4))
    model = built(tmp_path, text.replace("ARGS", "length: 9"), sequences(6, 4))
    assert output(model, sequences(7, 4)).shape == (4, 7, 4)
    frames = built(tmp_path, "layers: [PositionEmbedding]", sequences(3, 5, 4))
    assert output(frames, sequences(3, 5, 4)).shape == (4, 3, 5, 4)


@pytest.mark.parametrize(
    ("layer", "x", "said"),
    [
        ("PositionEmbedding: {length: 3}", sequences(5, 4), "has length: 3, but its sequences have 5 steps"),
        ("PositionEmbedding", sequences(5), "takes sequences"),
    ],
)
def test_positions_of_what_is_no_sequence(tmp_path: Path, layer: str, x: np.ndarray, said: str) -> None:
    with pytest.raises(BuildError, match=said):
        built(tmp_path, f"layers:\n  - {layer}", x)


def test_constants_are_nodes_too(tmp_path: Path) -> None:
    text = """
    layers:
      - Op: {op: arange, start: 0, stop: 3, dtype: float32, name: steps}
      - Op: {op: multiply}
        from: [input, steps]
    """
    x = sequences(3)
    model = built(tmp_path, text, x)
    np.testing.assert_allclose(output(model, x), x * np.arange(3), rtol=1e-6)
    np.testing.assert_array_equal(output(reloaded(model, tmp_path), x), output(model, x))
    assert output(built(tmp_path, "layers: [Op: {op: eye, N: 2}]", x), x).shape == (4, 2, 2)
