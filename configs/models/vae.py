"""A variational autoencoder as a model of one's own: its `train_step` adds up two losses."""

import keras
import tensorflow as tf
from keras import layers, ops

import trainctl


@trainctl.model
class VAE(keras.Model):
    """Encodes an image as a normal distribution, and decodes a draw from it.

    Args:
        latent: Dimensions of the code.
        units: Units of the hidden layers.
        kl_weight: How much the divergence from a standard normal distribution counts.
        seed: For the draws.
    """

    logs = ("reconstruction_loss", "kl_loss")

    def __init__(self, latent: int = 2, units: int = 32, kl_weight: float = 1.0, seed: int = 0, **kwargs):
        super().__init__(**kwargs)
        self.latent, self.units, self.kl_weight, self.seed = latent, units, kl_weight, seed
        self.draws = keras.random.SeedGenerator(seed)  # a variable of the model, so that a resumed run draws the same
        self.encoder = keras.Sequential(
            [layers.Flatten(), layers.Dense(units, activation="relu"), layers.Dense(2 * latent)]
        )
        self.hidden = layers.Dense(units, activation="relu")
        self.trackers = [keras.metrics.Mean(name=name) for name in ("loss", *self.logs)]

    def get_config(self):
        """Return the arguments, so that the model can be loaded from model.keras."""
        return {
            **super().get_config(),
            "latent": self.latent,
            "units": self.units,
            "kl_weight": self.kl_weight,
            "seed": self.seed,
        }

    def build(self, input_shape):
        """Make what depends on the image's size."""
        self.pixels = layers.Dense(input_shape[1] * input_shape[2] * input_shape[3], activation="sigmoid")
        self.image = layers.Reshape(tuple(input_shape[1:]))
        self.encoder.build(input_shape)
        self.hidden.build((None, self.latent))
        self.pixels.build((None, self.hidden.units))
        self.image.build((None, self.pixels.units))
        self.built = True

    def code(self, x):
        """The mean and the logarithm of the variance of each image's code."""
        return ops.split(self.encoder(x), 2, axis=-1)

    def decode(self, code):
        """The images of codes."""
        return self.image(self.pixels(self.hidden(code)))

    def call(self, x):
        """Return the images of the codes' means."""
        return self.decode(self.code(x)[0])

    def losses_of(self, x):
        """The loss and its two parts."""
        mean, log_variance = self.code(x)
        code = mean + ops.exp(0.5 * log_variance) * keras.random.normal(ops.shape(mean), seed=self.draws)
        each = keras.losses.binary_crossentropy(x, self.decode(code))
        reconstruction = ops.mean(ops.sum(each, axis=(1, 2)))
        kl = ops.mean(ops.sum(-0.5 * (1 + log_variance - ops.square(mean) - ops.exp(log_variance)), axis=1))
        loss = ops.sum(
            ops.stack([reconstruction, self.kl_weight * kl])
        )  # stacked: TensorFlow adds up a chain of + in any order
        return loss, reconstruction, kl

    def train_step(self, data):
        """Take one step; Keras calls this with each batch."""
        x = data[0]
        with tf.GradientTape() as tape:
            values = self.losses_of(x)
        gradients = tape.gradient(values[0], self.trainable_weights)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_weights, strict=True))
        return self.track(values)

    def test_step(self, data):
        """Measure one batch of the validation."""
        return self.track(self.losses_of(data[0]))

    def track(self, values):
        """The running means of the losses."""
        for tracker, value in zip(self.trackers, values, strict=True):
            tracker.update_state(value)
        return {tracker.name: tracker.result() for tracker in self.trackers}

    @property
    def metrics(self):
        """What Keras resets at the beginning of an epoch."""
        return self.trackers
