"""A saved model as an experiment: built anew it has the same weights and, with their values, the same outputs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trainctl.components.user.imports import Imports
from trainctl.config.load import load
from trainctl.drafts.keras_file import read_keras_file
from trainctl.drafts.model_draft import draft_of_model
from trainctl.jobs.init import write_draft
from trainctl.jobs.plans import first_alone

pytestmark = pytest.mark.tf

CONFIGS = Path(__file__).parents[2] / "configs"
GALLERY = sorted(path for path in (CONFIGS / "models").glob("*.yaml") if path.stem != "fine_tuning")
"""Fine-tuning takes a model of another run; what it builds is a chain like others."""


def built(config: Path, code: Path | None = None) -> Any:
    """The experiment, its data and its model, as a run builds them."""
    from trainctl.training.train import prepare

    imports = Imports([str(code)] if code is not None else (), automatic=False)
    return prepare(first_alone(load(str(config), (), imports=imports), 0), 0, lambda _: None)


def drafted(model: Any, folder: Path, code: Path | None = None) -> tuple[str, Any]:
    """The model's draft, and what that builds."""
    path = folder / "saved.keras"
    model.save(path)
    draft = draft_of_model(read_keras_file(path), path, "draft")
    assert draft.problems == ()
    write_draft(draft, folder / "draft.yaml")
    return draft.text, built(folder / "draft.yaml", code)


def assert_same(model: Any, again: Any) -> None:
    """The weights have the same shapes; with the same values, both give the same for the data of the draft."""
    import keras
    import numpy as np
    import tensorflow as tf

    rebuilt = again.model
    assert [tuple(each.shape) for each in rebuilt.weights] == [tuple(each.shape) for each in model.weights]
    rebuilt.set_weights(model.get_weights())
    for layer in rebuilt._flatten_layers():
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()
    x = again.data.splits.train.x
    few = {name: tf.constant(np.asarray(each[:4]).tolist(), dtype=_kind(each)) for name, each in _named(x).items()}
    pairs = zip(_outputs(model, few), _outputs(rebuilt, few), strict=True)
    assert all(np.array_equal(one, other, equal_nan=True) for one, other in pairs)


def _kind(array: Any) -> Any:
    return {"f": "float32", "u": "float32", "i": "int32"}.get(array.dtype.kind, "string")


def _named(x: Any) -> dict[str, Any]:
    return dict(x) if isinstance(x, dict) else {"": x}


def _outputs(model: Any, x: dict[str, Any]) -> list[Any]:
    import keras

    alone = x.get("")
    if alone is not None:
        structure = getattr(model, "_inputs_struct", None)
        x = dict.fromkeys(structure, alone) if isinstance(structure, dict) else alone
    elif isinstance(model.input, list):
        x = [x[each.name] for each in model.input]
    return [keras.ops.convert_to_numpy(each) for each in keras.tree.flatten(model(x, training=False))]


@pytest.mark.parametrize("config", GALLERY, ids=lambda path: path.stem)
def test_a_model_of_the_gallery_comes_back_the_same(config: Path, tmp_path: Path) -> None:
    code = config.with_suffix(".py") if config.with_suffix(".py").exists() else None
    model = built(config, code).model
    _, again = drafted(model, tmp_path, code)
    assert_same(model, again)


def test_an_application_comes_back_the_same(tmp_path: Path) -> None:
    """ResNet50; MobileNetV2 is the backbone of one of the gallery."""
    import keras

    model = keras.applications.ResNet50(weights=None, input_shape=(32, 32, 3), classes=4)
    text, again = drafted(model, tmp_path)
    assert_same(model, again)
    assert len(text.splitlines()) < 1.4 * len(model.layers)


def _index() -> Any:
    import keras

    x = keras.Input((6, 4), name="x")
    parts = [x[:, 0], x[:, -1], x[:, 1:3, 0], x[..., 2], x[:, ::2, 1], x[:, None, 0, 0], x[:, ::-1][:, 0, :2]]
    flat = keras.ops.concatenate([keras.layers.Flatten()(each) for each in parts], axis=1)
    return keras.Model(x, keras.layers.Dense(1)(flat))


def _arithmetic() -> Any:
    import keras
    import numpy as np

    x, y = keras.Input((4,), name="x"), keras.Input((4,), name="y")
    z = 1 - x * 2 + y / 3 - keras.ops.where(x > 0, 0.0, y)
    z += keras.ops.maximum(keras.ops.exp(-x), np.array([0.1, 0.2, 0.3, 0.4], "float32"))
    z = keras.ops.concatenate(
        [z, keras.ops.expand_dims(keras.ops.mean(y, axis=1), 1), keras.ops.split(x, 2, axis=-1)[1]], axis=1
    )
    return keras.Model([x, y], keras.layers.Dense(2, activation="sigmoid")(z))


def _states() -> Any:
    import keras

    tokens = keras.Input((5,), dtype="int32", name="tokens")
    words = keras.layers.Embedding(9, 4, mask_zero=True)(tokens)
    sequence, h, c = keras.layers.LSTM(3, return_sequences=True, return_state=True)(words)
    again = keras.layers.LSTM(3, return_sequences=True)(sequence, initial_state=[h, c])
    attended = keras.layers.MultiHeadAttention(2, 4)(again, sequence, use_causal_mask=True)
    return keras.Model(
        tokens, keras.layers.Dense(2, activation="softmax")(keras.layers.GlobalAveragePooling1D()(attended))
    )


def _masked() -> Any:
    import keras

    x = keras.Input((5, 3), name="x")
    y = keras.layers.Dropout(0.1)(keras.layers.Masking(0.0)(x))
    y = keras.layers.Bidirectional(keras.layers.GRU(2, return_sequences=True), merge_mode="sum")(y)
    y = keras.layers.TimeDistributed(keras.Sequential([keras.layers.Dense(4), keras.layers.ReLU()]))(y)
    return keras.Model(x, keras.layers.Dense(1)(keras.layers.LSTM(2)(y)))


def _nested() -> Any:
    import keras

    a, b = keras.Input((4,)), keras.Input((2,))
    inner = keras.Model([a, b], [keras.layers.Dense(3)(a), keras.layers.Dense(3)(b)], name="two")
    tail = keras.Sequential([keras.layers.Dense(3, "relu"), keras.Sequential([keras.layers.Dense(3)])], name="tail")
    x, y = keras.Input((4,), name="x"), keras.Input((2,), name="y")
    left, right = inner([x, y])
    shared = keras.layers.Dense(3, name="Shared")
    head = keras.layers.Add(name="Sum")([tail(shared(left)), tail(shared(right)), left])
    return keras.Model([x, y], {"Class": keras.layers.Dense(3, "softmax")(head), "size": keras.layers.Dense(1)(left)})


def _normalized() -> Any:
    import keras
    import numpy as np

    x = keras.Input((3,))
    scaled = keras.layers.Normalization()
    scaled.adapt(np.arange(12.0).reshape(4, 3))
    text = keras.layers.Discretization(bin_boundaries=[0.0, 1.0])(scaled(x))
    return keras.Model(
        x,
        keras.layers.Dense(1, kernel_regularizer="l2", kernel_initializer="he_normal")(keras.ops.cast(text, "float32")),
    )


def _chain() -> Any:
    import keras

    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((None, 6)),
            layers.Conv1D(8, 3, padding="causal", kernel_constraint=keras.constraints.MaxNorm(2)),
            *[layers.Dense(8, "gelu", dtype="float32") for _ in range(4)],
            layers.LeakyReLU(0.1),
            layers.Activation(keras.layers.ReLU(max_value=6)),
            layers.GlobalMaxPooling1D(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


@pytest.mark.parametrize(
    "make", [_index, _arithmetic, _states, _masked, _nested, _normalized, _chain], ids=lambda f: f.__name__
)
def test_a_model_written_in_python_comes_back_the_same(make: Callable[[], Any], tmp_path: Path) -> None:
    model = make()
    _, again = drafted(model, tmp_path)
    assert_same(model, again)
