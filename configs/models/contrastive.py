"""Contrastive learning as a model of one's own: two views of an image should have similar codes."""

import keras
import tensorflow as tf
from keras import layers, ops

import trainctl


@trainctl.model
class Contrastive(keras.Model):
    """An encoder learned without labels: each image is moved twice, and has to be found again among the batch.

    Args:
        units: Units of the encoder's hidden layer.
        code: Dimensions of the code.
        temperature: The smaller, the more the nearest wrong image counts.
        seed: For the views.
    """

    logs = ("contrastive_accuracy",)

    def __init__(self, units: int = 64, code: int = 16, temperature: float = 0.2, seed: int = 0, **kwargs):
        super().__init__(**kwargs)
        self.units, self.code, self.temperature, self.seed = units, code, temperature, seed
        self.views = keras.Sequential(
            [
                layers.RandomTranslation(0.15, 0.15, fill_mode="constant", seed=seed),
                layers.RandomRotation(0.05, fill_mode="constant", seed=seed + 1),
            ]
        )
        self.encoder = keras.Sequential([layers.Flatten(), layers.Dense(units, activation="relu"), layers.Dense(code)])
        self.trackers = [keras.metrics.Mean(name="loss"), keras.metrics.SparseCategoricalAccuracy(name=self.logs[0])]

    def get_config(self):
        """Return the arguments, so that the model can be loaded from model.keras."""
        return {
            **super().get_config(),
            "units": self.units,
            "code": self.code,
            "temperature": self.temperature,
            "seed": self.seed,
        }

    def build(self, input_shape):
        """Make the encoder's weights."""
        self.encoder.build(input_shape)
        self.built = True

    def call(self, x):
        """Return the codes, of length 1."""
        return ops.normalize(self.encoder(x), axis=1)

    def losses_of(self, x, *, training):
        """The loss of a batch, and how similar each of its images is to each."""
        one, other = (self(self.views(x, training=training)) for _ in range(2))
        similar = ops.matmul(one, ops.transpose(other)) / self.temperature
        right = ops.arange(ops.shape(x)[0])
        there = keras.losses.sparse_categorical_crossentropy(right, similar, from_logits=True)
        back = keras.losses.sparse_categorical_crossentropy(right, ops.transpose(similar), from_logits=True)
        return ops.mean(there + back) / 2, right, similar

    def train_step(self, data):
        """Take one step; Keras calls this with each batch."""
        with tf.GradientTape() as tape:
            loss, right, similar = self.losses_of(data[0], training=True)
        weights = self.trainable_weights
        self.optimizer.apply(tape.gradient(loss, weights), weights)
        return self.track(loss, right, similar)

    def test_step(self, data):
        """Measure one batch of the validation, on views as in training."""
        return self.track(*self.losses_of(data[0], training=True))

    def track(self, loss, right, similar):
        """The running metrics."""
        self.trackers[0].update_state(loss)
        self.trackers[1].update_state(right, similar)
        return {tracker.name: tracker.result() for tracker in self.trackers}

    @property
    def metrics(self):
        """What Keras resets at the beginning of an epoch."""
        return self.trackers
