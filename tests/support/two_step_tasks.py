"""Tiny tasks of two generators, with state to move: batch norm, dropout, spectral norm, and paths that are shared."""

import keras
import numpy as np
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import tiny

SIDE, LATENTS, CLASSES = 8, 3, 4


def completing(name: str) -> keras.Model:
    """Returns a network that completes images; two of them have layers of the same names."""
    images, mask = keras.Input((SIDE, SIDE, 1)), keras.Input((SIDE, SIDE, 1))
    x = keras.layers.Concatenate()([images, mask])  # [n, h, w, 2]
    x = keras.layers.Conv2D(3, 3, padding="same", name="features")(x)
    x = keras.layers.Dropout(0.1)(keras.layers.BatchNormalization(name="norm")(x))
    x = keras.layers.Conv2D(1, 3, padding="same", activation="tanh", dtype="float32", name="image")(x)
    return keras.Model([images, mask], x, name=name)


def patch_critic(told: int = 0, side: int = SIDE) -> keras.Model:
    """Returns a critic of patches; `told` is the number of channels of a mask that it is shown as well."""
    inputs = [keras.Input((side, side, 1))] + [keras.Input((side, side, told))] * bool(told)
    x = keras.layers.Concatenate()(inputs) if told else inputs[0]
    x = tt.layers.SpectralNormConv2D(4, 3, strides=2, padding="same")(x)
    x = keras.layers.LeakyReLU(0.1)(keras.layers.BatchNormalization()(x))
    x = tt.layers.SpectralNormConv2D(1, 3, padding="same", dtype="float32")(x)  # [n, h / 2, w / 2, 1]
    return keras.Model(inputs if told else inputs[0], x, name="discriminator")


def inpainting(told: bool = True, **arguments) -> tt.tasks.Inpainting:
    """Returns the task, the same weights each time."""
    keras.utils.set_random_seed(0)
    return tt.tasks.Inpainting(completing("coarse"), completing("refine"), patch_critic(int(told)), **arguments)


def stacked(conditional: bool = False, prior=None, **arguments) -> tt.tasks.Stacked:
    """Returns the task, the same weights each time; the first network makes images of half the side."""
    keras.utils.set_random_seed(0)
    half, label = SIDE // 2, keras.Input((), dtype="int32")
    latents, small, large = keras.Input((LATENTS,)), keras.Input((half, half, 1)), keras.Input((SIDE, SIDE, 1))

    def told(x):  # [n, features]
        return keras.layers.Concatenate()([x, keras.layers.Embedding(CLASSES, 2)(label)]) if conditional else x

    def model(inputs, outputs, name):
        return keras.Model([inputs, label] if conditional else inputs, outputs, name=name)

    def pixels(x, side):
        x = keras.layers.BatchNormalization()(keras.layers.Dense(side**2)(x))
        return keras.layers.Reshape((side, side, 1))(keras.layers.Activation("tanh", dtype="float32")(x))

    def score(x):
        return tt.layers.SpectralNormDense(1, dtype="float32")(told(keras.layers.Flatten()(x)))

    first = model(latents, pixels(told(latents), half), "first")
    second = model(small, pixels(told(keras.layers.Flatten()(small)), SIDE), "second")
    critics = model(small, score(small), "first_critic"), model(large, score(large), "second_critic")
    condition = {"condition": "label"} if conditional else {}
    return tt.tasks.Stacked(first, second, *critics, prior or tt.latents.Normal(LATENTS), **condition, **arguments)


def gan_of(task, averaging: bool = False, **arguments) -> tt.training.GAN:
    """Returns a compiled GAN; keyword arguments go to `compile`."""
    gan = tt.training.GAN(task, averaging=tt.training.ExponentialAveraging(50) if averaging else None)
    optimizers = keras.optimizers.Adam(1e-3, beta_1=0.5), keras.optimizers.RMSprop(2e-3)
    gan.compile(*optimizers, **{"loss": tt.losses.adversarial.Hinge(), "jit_compile": False, **arguments})
    return gan


def batches(batch_size: int = 8, n: int = 48, start: int = 0) -> tf.data.Dataset:
    """Returns an endless dataset of images and labels that begins after `start` of them."""
    data = {"image": tiny.images(n), "label": np.arange(n, dtype="int32") % CLASSES}
    return tf.data.Dataset.from_tensor_slices(data).repeat().skip(start % n).batch(batch_size, True)


def batch_of(n: int = 8) -> dict:
    """Returns one batch."""
    return next(iter(batches(n)))


def copies(task) -> dict[str, list[np.ndarray]]:
    """Returns the values of all variables of each network, trained or not."""
    return {name: tiny.values(getattr(task, name).variables) for name in (*task.generators, *task.critics)}


def changed(before: dict, task) -> set[str]:
    """Returns the networks in which any variable has another value than before."""
    return {name for name in before if any(tiny.moved(before[name], getattr(task, name).variables))}
