"""A generative adversarial network as a model of one's own, with an optimizer for each of its two parts."""

import keras
import tensorflow as tf
from keras import layers, ops

import trainctl


@trainctl.model
class GAN(keras.Model):
    """A generator that makes images of noise, and a discriminator that tells them from real ones.

    `compile.optimizer` trains the discriminator; the generator has one of its own.

    Args:
        latent: Dimensions of the noise.
        units: Units of the hidden layers.
        generator_learning_rate: Of the generator's optimizer.
        seed: For the noise.
    """

    logs = ("generator_loss", "discriminator_loss")

    def __init__(
        self, latent: int = 16, units: int = 64, generator_learning_rate: float = 1e-3, seed: int = 0, **kwargs
    ):
        super().__init__(**kwargs)
        self.latent, self.units = latent, units
        self.generator_learning_rate, self.seed = generator_learning_rate, seed
        self.noise = keras.random.SeedGenerator(seed)
        self.generator = keras.Sequential([layers.Dense(units, activation="relu")])
        hidden = layers.Dense(units, activation=layers.LeakyReLU(0.2))
        self.discriminator = keras.Sequential([layers.Flatten(), hidden, layers.Dense(1)])
        self.generator_optimizer = keras.optimizers.Adam(generator_learning_rate, beta_1=0.5)
        self.real_or_not = keras.losses.BinaryCrossentropy(from_logits=True)
        self.trackers = [keras.metrics.Mean(name=name) for name in ("loss", *self.logs)]

    def get_config(self):
        """Return the arguments, so that the model can be loaded from model.keras."""
        return {
            **super().get_config(),
            "latent": self.latent,
            "units": self.units,
            "generator_learning_rate": self.generator_learning_rate,
            "seed": self.seed,
        }

    def build(self, input_shape):
        """Make what depends on the image's size."""
        height, width, channels = input_shape[1:]
        self.generator.add(layers.Dense(height * width * channels, activation="sigmoid"))
        self.generator.add(layers.Reshape((height, width, channels)))
        self.generator.build((None, self.latent))
        self.discriminator.build(input_shape)
        # Here, so that the model can be loaded without being compiled: its file holds this optimizer's variables too.
        self.generator_optimizer.build(self.generator.trainable_variables)
        self.built = True

    def compile(self, **arguments):
        """Make the variables of the optimizer of `compile:` for the discriminator alone."""
        super().compile(**arguments)
        self.optimizer.build(self.discriminator.trainable_variables)

    def call(self, x):
        """Return how real each image looks, as a logit."""
        return self.discriminator(x)

    def train_step(self, data):
        """Take a step of the discriminator, then one of the generator."""
        real = data[0]
        made = self.generator(keras.random.normal((ops.shape(real)[0], self.latent), seed=self.noise))
        ones, zeros = ops.ones((ops.shape(real)[0], 1)), ops.zeros((ops.shape(real)[0], 1))
        with tf.GradientTape() as tape:
            of_real = self.real_or_not(ones, self.discriminator(real, training=True))
            discriminator_loss = of_real + self.real_or_not(zeros, self.discriminator(made, training=True))
        weights = self.discriminator.trainable_weights
        self.optimizer.apply(tape.gradient(discriminator_loss, weights), weights)

        noise = keras.random.normal((ops.shape(real)[0], self.latent), seed=self.noise)
        with tf.GradientTape() as tape:
            generator_loss = self.real_or_not(ones, self.discriminator(self.generator(noise, training=True)))
        weights = self.generator.trainable_weights
        self.generator_optimizer.apply(tape.gradient(generator_loss, weights), weights)

        loss = ops.sum(
            ops.stack([generator_loss, discriminator_loss])
        )  # stacked: TensorFlow adds up a chain of + in any order
        values = (loss, generator_loss, discriminator_loss)
        for tracker, value in zip(self.trackers, values, strict=True):
            tracker.update_state(value)
        return {tracker.name: tracker.result() for tracker in self.trackers}

    @property
    def metrics(self):
        """What Keras resets at the beginning of an epoch."""
        return self.trackers
