"""The models of some shipped configs as a person writes them in Python, layer by layer.

`at(name)` sets the seed of a layer, and `at.inputs` are the training inputs for layers that learn from them. configs/README.md
counts the lines of these functions against the lines of YAML that say the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import layers as L  # noqa: N812  # as in Keras's own guides
from keras import ops

from trainctl.models.build import layer_seed


@dataclass(frozen=True)
class At:
    """What a model needs to know of the run that it repeats.

    Args:
        seed: The run's seed.
        inputs: The training inputs, an array or a mapping of them.
    """

    seed: int
    inputs: Any

    def __call__(self, name: str) -> str:
        """Set the seed of the layer `name`, and return the name."""
        keras.utils.set_random_seed(layer_seed(self.seed, name))
        return name


def mlp(at: At) -> Any:
    """configs/mnist.yaml."""
    inputs = keras.Input((28, 28, 1), name="input")
    x = L.Rescaling(1 / 255, name=at("rescaling"))(inputs)
    x = L.Flatten(name=at("flatten"))(x)
    x = L.Dense(128, activation="relu", name=at("dense"))(x)
    x = L.Dropout(0.2, name=at("dropout"))(x)
    x = L.Dense(10, activation="softmax", name=at("dense_1"))(x)
    return _compiled(keras.Model(inputs, x), keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy")


def cnn(at: At) -> Any:
    """configs/digits.yaml."""
    inputs = keras.Input((8, 8, 1), name="input")
    x = L.Rescaling(1 / 16, name=at("rescaling"))(inputs)
    x = L.Conv2D(32, 3, padding="same", activation="relu", name=at("conv2d"))(x)
    x = L.BatchNormalization(name=at("batch_normalization"))(x)
    x = L.MaxPooling2D(name=at("max_pooling2d"))(x)
    x = L.Flatten(name=at("flatten"))(x)
    x = L.Dropout(0.3, name=at("dropout"))(x)
    x = L.Dense(10, activation="softmax", name=at("dense"))(x)
    return _compiled(keras.Model(inputs, x), "adam", "sparse_categorical_crossentropy")


def resnet(at: At) -> Any:
    """configs/models/resnet.yaml."""

    def unit(x: Any, filters: int, strides: int, name: str) -> Any:
        y = L.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False, name=at(f"{name}.conv2d"))(x)
        y = L.BatchNormalization(name=at(f"{name}.batch_normalization"))(y)
        y = L.ReLU(name=at(f"{name}.re_lu"))(y)
        y = L.Conv2D(filters, 3, padding="same", use_bias=False, name=at(f"{name}.conv2d_1"))(y)
        y = L.BatchNormalization(name=at(f"{name}.batch_normalization_1"))(y)
        at(f"{name}.residual.add")
        if x.shape != y.shape:
            x = L.Conv2D(filters, 1, strides=strides, padding="same", use_bias=False, name=f"{name}.residual.project")(
                x
            )
        y = L.Add(name=f"{name}.residual.add")([y, x])
        return L.ReLU(name=at(f"{name}.re_lu_1"))(y)

    inputs = keras.Input((8, 8, 1), name="input")
    x = L.Rescaling(1 / 16, name=at("rescaling"))(inputs)
    x = L.Conv2D(16, 3, padding="same", activation="relu", name=at("stem"))(x)
    x = unit(x, 16, 1, "stage1_0")
    x = unit(x, 16, 1, "stage1_1")
    x = unit(x, 32, 2, "stage2_0")
    x = unit(x, 32, 1, "stage2_1")
    x = L.GlobalAveragePooling2D(name=at("global_average_pooling2d"))(x)
    x = L.Dense(10, activation="softmax", name=at("dense"))(x)
    sgd = keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True, weight_decay=1e-4)
    return _compiled(keras.Model(inputs, x), sgd, "sparse_categorical_crossentropy")


def lstm(at: At) -> Any:
    """configs/models/lstm.yaml."""
    inputs = keras.Input((20,), dtype="int32", name="input")
    x = L.Embedding(200, 16, mask_zero=True, name=at("embedding"))(inputs)
    x = L.LSTM(16, dropout=0.1, name=at("lstm"))(x)
    x = L.Dense(1, activation="sigmoid", name=at("dense"))(x)
    rate = keras.optimizers.schedules.ExponentialDecay(0.01, 20, 0.9)
    return _compiled(keras.Model(inputs, x), keras.optimizers.RMSprop(rate, clipnorm=1.0), "binary_crossentropy")


def transformer(at: At) -> Any:
    """configs/models/transformer.yaml."""

    def encoder(x: Any, name: str) -> Any:
        attention = L.MultiHeadAttention(2, 8, dropout=0.1, name=at(f"{name}.multi_head_attention"))
        y = attention(x, x)
        y = L.Dropout(0.1, name=at(f"{name}.dropout"))(y)
        x = L.Add(name=at(f"{name}.residual.add"))([y, x])
        x = L.LayerNormalization(name=at(f"{name}.layer_normalization"))(x)
        y = L.Dense(32, activation="gelu", name=at(f"{name}.dense"))(x)
        y = L.Dense(16, name=at(f"{name}.dense_1"))(y)
        y = L.Dropout(0.1, name=at(f"{name}.dropout_1"))(y)
        x = L.Add(name=at(f"{name}.residual_1.add"))([y, x])
        return L.LayerNormalization(name=at(f"{name}.layer_normalization_1"))(x)

    inputs = keras.Input((24,), dtype="int32", name="input")
    tokens = L.Embedding(100, 16, name=at("tokens"))(inputs)
    places = ops.cumsum(ops.ones_like(inputs), axis=1)
    positions = L.Embedding(25, 16, name=at("positions"))(places)
    x = L.Add(name=at("add"))([tokens, positions])
    x = encoder(encoder(x, "encoder_0"), "encoder_1")
    x = L.GlobalAveragePooling1D(name=at("global_average_pooling1d"))(x)
    x = L.Dense(3, activation="softmax", name=at("dense"))(x)
    adamw = keras.optimizers.AdamW(1e-3, weight_decay=1e-4)
    return _compiled(keras.Model(inputs, x), adamw, "sparse_categorical_crossentropy")


def vit(at: At) -> Any:
    """configs/models/vit.yaml."""

    def encoder(x: Any, name: str) -> Any:
        y = L.LayerNormalization(name=at(f"{name}.layer_normalization"))(x)
        y = L.MultiHeadAttention(4, 8, name=at(f"{name}.multi_head_attention"))(y, y)
        x = L.Add(name=at(f"{name}.residual.add"))([y, x])
        y = L.LayerNormalization(name=at(f"{name}.layer_normalization_1"))(x)
        y = L.Dense(64, activation="gelu", name=at(f"{name}.dense"))(y)
        y = L.Dense(32, name=at(f"{name}.dense_1"))(y)
        return L.Add(name=at(f"{name}.residual_1.add"))([y, x])

    inputs = keras.Input((8, 8, 1), name="input")
    x = L.Rescaling(1 / 16, name=at("rescaling"))(inputs)
    x = L.Conv2D(32, 2, strides=2, name=at("patches"))(x)
    patches = L.Reshape((-1, 32), name=at("sequence"))(x)
    first = ops.zeros_like(patches[:, :1, 0], dtype="int32")
    token = L.Embedding(1, 32, embeddings_initializer="zeros", name=at("token"))(first)
    x = L.Concatenate(axis=1, name=at("concatenate"))([token, patches])
    steps = ops.broadcast_to(ops.arange(17), ops.shape(ops.zeros((1, 17))))
    places = ops.add(ops.zeros_like(x[..., 0], dtype="int32"), steps)
    positions = L.Embedding(17, 32, embeddings_initializer="glorot_uniform", name=at("positions"))(places)
    x = L.Add(name=at("positions.add"))([x, positions])
    x = encoder(encoder(x, "encoder_0"), "encoder_1")
    x = L.LayerNormalization(name=at("layer_normalization"))(x)
    x = L.Dense(10, activation="softmax", name=at("dense"))(x[:, 0])
    adamw = keras.optimizers.AdamW(2e-3, weight_decay=1e-4)
    return _compiled(keras.Model(inputs, x), adamw, "sparse_categorical_crossentropy", ["accuracy"])


def tab_transformer(at: At) -> Any:
    """configs/models/tab_transformer.yaml."""
    columns = ("island", "sex", "bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
    categories, numbers = columns[:2], columns[2:]
    inputs = {
        name: keras.Input((1,), dtype="string" if name in categories else "float32", name=name) for name in columns
    }
    vectors, indices = [], []
    for name in categories:
        index = L.StringLookup(name=at(f"index.{name}"))
        index.adapt(at.inputs[name])
        indices.append(index)
    for name, index in zip(categories, indices, strict=True):
        rows = index.vocabulary_size()
        vectors.append(L.Embedding(rows, 16, name=at(f"vector.{name}"))(index(inputs[name])))
    x = L.Concatenate(axis=1, name=at("concatenate"))(vectors)
    for index in range(2):
        group = f"group_{index}"
        attention = L.MultiHeadAttention(2, 8, dropout=0.1, name=at(f"{group}.multi_head_attention"))
        y = attention(x, x)
        x = L.Add(name=at(f"{group}.residual.add"))([y, x])
        x = L.LayerNormalization(name=at(f"{group}.layer_normalization"))(x)
        y = L.Dense(64, activation="gelu", name=at(f"{group}.feed_forward.dense"))(x)
        y = L.Dense(16, name=at(f"{group}.feed_forward.dense_1"))(y)
        x = L.Add(name=at(f"{group}.feed_forward.add"))([y, x])
        x = L.LayerNormalization(name=at(f"{group}.layer_normalization_1"))(x)
    everything = [L.Flatten(name=at("context"))(x)]
    for name in numbers:
        scaled = L.Normalization(name=at(f"scaled.{name}"))
        scaled.adapt(np.nan_to_num(at.inputs[name]))
        everything.append(scaled(ops.nan_to_num(inputs[name])))
    x = L.Concatenate(name=at("everything"))(everything)
    x = L.Dense(32, activation="relu", name=at("dense"))(x)
    x = L.Dense(3, activation="softmax", name=at("dense_1"))(x)
    adamw = keras.optimizers.AdamW(2e-3, weight_decay=1e-4)
    return _compiled(keras.Model(inputs, x), adamw, "sparse_categorical_crossentropy", ["accuracy"])


def seq2seq_addition(at: At) -> Any:
    """configs/models/seq2seq_addition.yaml."""
    question = keras.Input((1,), dtype="string", name="question")
    letters = L.TextVectorization(
        standardize=None, split="character", output_sequence_length=5, name=at("text_vectorization")
    )
    letters.adapt(at.inputs["question"])
    x = L.Embedding(13, 16, name=at("embedding"))(letters(question))
    x = L.LSTM(64, go_backwards=True, name=at("encoder"))(x)
    x = L.RepeatVector(2, name=at("repeat_vector"))(x)
    x = L.LSTM(64, return_sequences=True, name=at("decoder"))(x)
    x = L.Dense(10, activation="softmax", name=at("dense"))(x)
    model = keras.Model({"question": question}, x)
    return _compiled(model, keras.optimizers.Adam(1e-2), "sparse_categorical_crossentropy", ["accuracy"])


def mlp_mixer(at: At) -> Any:
    """configs/models/mlp_mixer.yaml."""

    def mlp(x: Any, units: int, name: str) -> Any:
        x = L.Dense(units * 2, activation="gelu", name=at(f"{name}.dense"))(x)
        return L.Dense(units, name=at(f"{name}.dense_1"))(x)

    def mixer(x: Any, name: str) -> Any:
        y = L.LayerNormalization(name=at(f"{name}.layer_normalization"))(x)
        y = L.Permute((2, 1), name=at(f"{name}.permute"))(y)
        y = mlp(y, 16, f"{name}.mlp")
        y = L.Permute((2, 1), name=at(f"{name}.permute_1"))(y)
        x = L.Add(name=at(f"{name}.residual.add"))([y, x])
        y = L.LayerNormalization(name=at(f"{name}.layer_normalization_1"))(x)
        y = mlp(y, 32, f"{name}.mlp_1")
        return L.Add(name=at(f"{name}.residual_1.add"))([y, x])

    inputs = keras.Input((8, 8, 1), name="input")
    x = L.Rescaling(1 / 16, name=at("rescaling"))(inputs)
    x = ops.image.extract_patches(x, 2)
    x = L.Reshape((16, -1), name=at("reshape"))(x)
    x = L.Dense(32, name=at("patches"))(x)
    x = mixer(mixer(x, "mixer_0"), "mixer_1")
    x = L.GlobalAveragePooling1D(name=at("global_average_pooling1d"))(x)
    x = L.Dense(10, activation="softmax", name=at("dense"))(x)
    adamw = keras.optimizers.AdamW(5e-3, weight_decay=1e-4)
    return _compiled(keras.Model(inputs, x), adamw, "sparse_categorical_crossentropy", ["accuracy"])


def ner(at: At) -> Any:
    """configs/models/ner.yaml."""
    inputs = keras.Input((), dtype="string", name="input")
    words = L.TextVectorization(output_sequence_length=8, name=at("text_vectorization"))
    words.adapt(at.inputs)
    x = L.Embedding(words.vocabulary_size(), 16, mask_zero=True, name=at("embedding"))(words(inputs))
    at("bidirectional")
    x = L.Bidirectional(L.LSTM(16, return_sequences=True, name="lstm"), name="bidirectional")(x)
    x = L.Dense(5, activation="softmax", name=at("dense"))(x)
    adam = keras.optimizers.Adam(1e-2)
    return _compiled(keras.Model(inputs, x), adam, "sparse_categorical_crossentropy", ["accuracy"])


def super_resolution(at: At) -> Any:
    """configs/models/super_resolution.yaml."""
    inputs = keras.Input((16, 16, 1), name="input")
    x = inputs
    for index in range(2):
        x = L.Conv2D(16, 3, padding="same", activation="relu", name=at(f"conv2d_{index}"))(x)
    x = L.Conv2D(4, 3, padding="same", kernel_initializer="zeros", name=at("conv2d_2"))(x)
    details = ops.depth_to_space(x, 2)
    smooth = L.UpSampling2D(interpolation="bilinear", name=at("smooth"))(inputs)
    x = L.Add(name=at("add"))([smooth, details])
    return _compiled(keras.Model(inputs, x), keras.optimizers.Adam(3e-3), "mse")


def autoencoder(at: At) -> Any:
    """configs/models/autoencoder.yaml."""
    image = keras.Input((8, 8, 1), name="input")
    x = L.Conv2D(16, 3, strides=2, padding="same", activation="relu", name=_short(at, "encoder.conv2d_0"))(image)
    x = L.Conv2D(8, 3, strides=2, padding="same", activation="relu", name=_short(at, "encoder.conv2d_1"))(x)
    x = L.Flatten(name=_short(at, "encoder.flatten"))(x)
    x = L.Dense(8, name=_short(at, "encoder.code"))(x)
    encoder = keras.Model(image, x, name="encoder")
    code = keras.Input((8,), name="input")
    x = L.Dense(32, activation="relu", name=_short(at, "decoder.dense"))(code)
    x = L.Reshape((2, 2, 8), name=_short(at, "decoder.reshape"))(x)
    for index, filters in enumerate((8, 16)):
        name = _short(at, f"decoder.conv2d_transpose_{index}")
        x = L.Conv2DTranspose(filters, 3, strides=2, padding="same", activation="relu", name=name)(x)
    x = L.Conv2D(1, 3, padding="same", activation="sigmoid", name=_short(at, "decoder.conv2d"))(x)
    decoder = keras.Model(code, x, name="decoder")
    inputs = keras.Input((8, 8, 1), name="input")
    return _compiled(keras.Model(inputs, decoder(encoder(inputs))), "adam", "mse")


def unet(at: At) -> Any:
    """configs/models/unet.yaml."""

    def double(x: Any, filters: int, name: str) -> Any:
        for index in range(2):
            x = L.Conv2D(filters, 3, padding="same", activation="relu", name=at(f"{name}.conv2d_{index}"))(x)
        return x

    def up(low: Any, high: Any, filters: int, name: str) -> Any:
        larger = L.Conv2DTranspose(filters, 2, strides=2, name=at(f"{name}.larger"))(low)
        x = L.Concatenate(name=at(f"{name}.concatenate"))([high, larger])
        return double(x, filters, f"{name}.double")

    inputs = keras.Input((32, 32, 1), name="input")
    high = double(inputs, 8, "high")
    middle = double(L.MaxPooling2D(name=at("max_pooling2d"))(high), 16, "middle")
    low = double(L.MaxPooling2D(name=at("max_pooling2d_1"))(middle), 32, "low")
    x = up(low, middle, 16, "back_to_middle")
    x = up(x, high, 8, "up")
    x = L.Conv2D(3, 1, activation="softmax", name=at("conv2d"))(x)
    metrics = ["accuracy", keras.metrics.MeanIoU(3, sparse_y_pred=False)]
    return _compiled(keras.Model(inputs, x), keras.optimizers.Adam(1e-2), "sparse_categorical_crossentropy", metrics)


def siamese(at: At) -> Any:
    """configs/models/siamese.yaml."""
    image = keras.Input((8, 8, 1), name="input")
    x = L.Conv2D(8, 3, activation="relu", name=_short(at, "encoder.conv2d"))(image)
    x = L.Flatten(name=_short(at, "encoder.flatten"))(x)
    x = L.Dense(8, name=_short(at, "encoder.dense"))(x)
    x = L.UnitNormalization(name=_short(at, "encoder.unit_normalization"))(x)
    encoder = keras.Model(image, x, name="encoder")
    left, right = (keras.Input((8, 8, 1), name=name) for name in ("left", "right"))
    x = L.Subtract(name=at("subtract"))([encoder(left), encoder(right)])
    x = ops.sum(ops.square(x), axis=1, keepdims=True)
    x = L.Dense(1, activation="sigmoid", name=at("dense"))(x)
    return _compiled(keras.Model({"left": left, "right": right}, x), "adam", "binary_crossentropy")


def many_inputs_outputs(at: At) -> Any:
    """configs/models/many_inputs_outputs.yaml."""
    title, page = keras.Input((12,), name="title"), keras.Input((6,), name="page")
    words = L.Dense(16, activation="relu", name=at("words"))(title)
    both = L.Concatenate(name=at("both"))([words, page])
    trunk = L.Dense(16, activation="relu", name=at("trunk"))(both)
    topic = L.Dense(4, activation="softmax", name=at("topic"))(trunk)
    stars = L.Dense(1, name=at("stars"))(trunk)
    model = keras.Model({"title": title, "page": page}, {"topic": topic, "stars": stars})
    model.compile(
        keras.optimizers.Adam(1e-2, use_ema=True),
        {"topic": "sparse_categorical_crossentropy", "stars": "mse"},
        loss_weights={"topic": 1.0, "stars": 0.5},
    )
    return model


def mobilenet_transfer(at: At) -> Any:
    """configs/models/mobilenet_transfer.yaml."""
    inputs = keras.Input((32, 32, 3), name="input")
    at("backbone")
    backbone = keras.applications.MobileNetV2(
        alpha=0.35, include_top=False, weights=None, pooling="avg", input_shape=(32, 32, 3), name="backbone"
    )
    backbone.trainable = False
    x = backbone(keras.applications.mobilenet_v2.preprocess_input(inputs))
    x = L.Dropout(0.2, name=at("dropout"))(x)
    x = L.Dense(4, activation="softmax", name=at("head"))(x)
    return _compiled(keras.Model(inputs, x), "adam", "sparse_categorical_crossentropy")


def _short(at: At, name: str) -> str:
    """Within a model of its own, a layer bears the last part of its name."""
    return at(name).rsplit(".", 1)[-1]


def _compiled(model: Any, optimizer: Any, loss: str, metrics: Any = None) -> Any:
    model.compile(optimizer, loss, metrics=metrics)
    return model


MODELS: dict[str, Callable[[At], Any]] = {
    "mnist": mlp,
    "digits": cnn,
    "models/resnet": resnet,
    "models/lstm": lstm,
    "models/transformer": transformer,
    "models/vit": vit,
    "models/tab_transformer": tab_transformer,
    "models/seq2seq_addition": seq2seq_addition,
    "models/mlp_mixer": mlp_mixer,
    "models/ner": ner,
    "models/super_resolution": super_resolution,
    "models/autoencoder": autoencoder,
    "models/unet": unet,
    "models/siamese": siamese,
    "models/many_inputs_outputs": many_inputs_outputs,
    "models/mobilenet_transfer": mobilenet_transfer,
}
