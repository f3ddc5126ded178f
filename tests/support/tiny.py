"""The smallest GAN that has everything a step can move: batch norm, dropout, spectral norm, two kinds of layers."""

import keras
import numpy as np
import tensorflow as tf

import tfgan_tricks as tt

RESOLUTION = 8
LATENTS = 4


def networks(channels: int = 1, packing: int = 1, dropout: float = 0.0) -> tuple[keras.Model, keras.Model]:
    """Returns a generator with batch norm, and a discriminator with spectral norm and batch norm."""
    x = latents = keras.Input((LATENTS,))
    x = keras.layers.Dense(RESOLUTION * RESOLUTION * 2)(x)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.Reshape((RESOLUTION, RESOLUTION, 2))(keras.layers.ReLU()(x))
    x = keras.layers.Conv2D(channels, 3, padding="same", activation="tanh", dtype="float32")(x)
    generator = keras.Model(latents, x, name="generator")
    x = images = keras.Input((RESOLUTION, RESOLUTION, channels * packing))
    x = tt.layers.SpectralNormConv2D(4, 3, strides=2, padding="same")(x)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.Dropout(dropout)(keras.layers.LeakyReLU(0.1)(x))
    x = tt.layers.SpectralNormDense(1, dtype="float32")(keras.layers.Flatten()(x))
    return generator, keras.Model(images, x, name="discriminator")


def gan_of(
    loss=None,
    *,
    averaging=True,
    task=tt.tasks.Unconditional,
    optimizers=None,
    packing=1,
    dropout=0.0,
    **compile_arguments,
) -> tt.training.GAN:
    """Returns a compiled tiny GAN; keyword arguments go to `compile`."""
    generator, discriminator = networks(packing=packing, dropout=dropout)
    average = tt.training.ExponentialAveraging(half_life_images=50) if averaging else None
    gan = tt.training.GAN(task(generator, discriminator, tt.latents.Normal(LATENTS)), averaging=average)
    generator_optimizer, discriminator_optimizer = optimizers or (
        keras.optimizers.Adam(1e-3, beta_1=0.5),
        keras.optimizers.RMSprop(2e-3),
    )
    loss = tt.losses.adversarial.NonSaturating() if loss is None else loss
    gan.compile(generator_optimizer, discriminator_optimizer, loss=loss, **compile_arguments)
    return gan


def images(n: int = 64, seed: int = 0, channels: int = 1) -> np.ndarray:
    """Returns random images in [-1, 1], all different."""
    shape = (n, RESOLUTION, RESOLUTION, channels)
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype("float32")


def dataset(batch_size: int = 8, **arguments) -> tf.data.Dataset:
    """Returns an endless dataset of dicts with "image"."""
    return tf.data.Dataset.from_tensor_slices({"image": images(**arguments)}).repeat().batch(batch_size, True)


def values(variables) -> list[np.ndarray]:
    """Returns copies of the values of variables, also of mirrored ones."""
    return [np.array(keras.ops.convert_to_numpy(variable.value)) for variable in variables]


def moved(before: list[np.ndarray], variables) -> list[bool]:
    """Returns for each variable whether its value has changed."""
    return [not np.array_equal(old, new) for old, new in zip(before, values(variables), strict=True)]


@keras.saving.register_keras_serializable("tests")
class LatentsFromBatch(tt.tasks.Unconditional):
    """Takes the latents from the batch, so that they do not depend on who draws them."""

    needs = ("image", "latents")

    def inputs(self, batch, seed):
        return batch["latents"]


def with_latents(batch_size: int, n: int = 32) -> tf.data.Dataset:
    """Returns an endless dataset of dicts with "image" and "latents"."""
    latents = np.random.default_rng(1).normal(size=(n, LATENTS)).astype("float32")
    data = {"image": images(n), "latents": latents}
    return tf.data.Dataset.from_tensor_slices(data).repeat().batch(batch_size, True)
