"""A GAN that trains in milliseconds, with something of everything that a checkpoint has to hold."""

import keras
import numpy as np
import tensorflow as tf

import tfgan_tricks as tt
from tfgan_tricks.losses import Term

IMAGES, BATCH = 32, 8  # four steps an epoch


def tiny_gan(
    seed: int = 0, terms=(), width: int = 6, discriminator_optimizer=None, eager: bool = True
) -> tt.training.GAN:
    """Returns a compiled GAN for 8x8 images: spectral norm, batch norm, dropout, averaging, noise, momenta."""
    keras.utils.set_random_seed(seed)
    z = keras.Input((4,))
    x = keras.layers.Dense(8 * 8 * 2)(z)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.Reshape((8, 8, 2))(keras.layers.ReLU()(x))
    x = keras.layers.Conv2D(1, 3, padding="same", activation="tanh")(x)
    generator = keras.Model(z, x)
    images = keras.Input((8, 8, 1))
    y = tt.layers.SpectralNormConv2D(width, 3, strides=2, activation="relu")(images)
    y = keras.layers.Dropout(0.2)(y)
    y = tt.layers.SpectralNormDense(1)(keras.layers.Flatten()(y))
    discriminator = keras.Model(images, y)
    task = tt.tasks.Unconditional(generator, discriminator, prior=tt.latents.Normal(4))
    gan = tt.training.GAN(task, averaging=tt.training.ExponentialAveraging(half_life_images=50), seed=seed)
    gan.compile(
        keras.optimizers.Adam(1e-3, 0.5),
        discriminator_optimizer or keras.optimizers.Adam(2e-3, 0.5),
        loss=tt.losses.adversarial.Hinge(),
        terms=terms,
        inputs=[tt.inputs.InstanceNoise(0.1)],
        run_eagerly=eager,  # a few steps take less time than building their graph
    )
    return gan


def tiny_dataset() -> tf.data.Dataset:
    """Returns four batches of images that are always the same."""
    images = np.random.default_rng(0).uniform(-1, 1, (IMAGES, 8, 8, 1)).astype("float32")
    return tf.data.Dataset.from_tensor_slices({"image": images}).batch(BATCH, drop_remainder=True)


def state(gan: tt.training.GAN) -> list[np.ndarray]:
    """Returns everything that training changes."""
    optimizers = (gan.generator_optimizer, gan.discriminator_optimizer)
    variables = [*gan.variables, *(variable for optimizer in optimizers for variable in optimizer.variables)]
    return [variable.numpy() for variable in variables]


@keras.saving.register_keras_serializable("tests")
class BreaksAfter(Term):
    """A term of one player that is 0, and `value` times its mean logit once so many images are seen."""

    def __init__(self, images: int, player: str = "discriminator", name: str = "breaks", value: float = float("nan")):
        super().__init__(name=name)
        self.players = (player,)
        self.player = player
        self.images = images
        self.value = value

    def call(self, match):
        broken = keras.ops.where(match.images_seen >= self.images, self.value, 0.0)
        return broken * keras.ops.mean(match.fake_out["logits"])


@keras.saving.register_keras_serializable("tests")
class BreaksGradientAfter(BreaksAfter):
    """A term that is always 0, and whose gradient is NaN once so many images are seen."""

    def call(self, match):
        logit = keras.ops.mean(match.fake_out["logits"])
        broken = keras.ops.cast(match.images_seen >= self.images, "float32")
        return keras.ops.sqrt(0.0 * logit + 1.0 - broken) - (1.0 - broken)
