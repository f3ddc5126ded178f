"""A task that puts everything into its match that terms may read, and networks that fit it."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

import tfgan_tricks as tt
from tests.support import tiny
from tfgan_tricks.types import Match

CLASSES = 3
PRIOR = tt.latents.Concatenated(tt.latents.Normal(2), tt.latents.Code(categorical=(CLASSES,), continuous=1))


@keras.saving.register_keras_serializable("tests")
class RichTask(tt.tasks.Unconditional):
    """Generates from the batch's latents, in which a code is; the target of an image is the real one."""

    needs = ("image", "label", "latents")

    def inputs(self, batch, seed):
        return batch["latents"]

    def matches(self, batch, x, out):
        real, turned = batch["image"], ops.flip(out, axis=1)
        aux = {
            "target": real,
            "mask": ops.cast(real > 0.0, "float32"),
            "latents": x,
            "real_label": batch["label"],
            "fake_label": ops.argmax(x[:, 2 : 2 + CLASSES], axis=1),
            "cycle": [(real, turned), (0.5 * real, out)],
            "identity": [(real, turned)],
        }
        return [Match(real=real, fake=out, aux=aux)]


def networks() -> tuple[keras.Model, keras.Model]:
    """Returns a generator, and a critic with features, a class head and a code head; no batch norm, no dropout."""
    latents = keras.Input(PRIOR.shape)
    x = keras.layers.Dense(tiny.RESOLUTION**2, activation="tanh")(latents)
    generator = keras.Model(latents, keras.layers.Reshape((tiny.RESOLUTION, tiny.RESOLUTION, 1))(x), name="generator")
    images = keras.Input((tiny.RESOLUTION, tiny.RESOLUTION, 1))
    first = keras.layers.Conv2D(3, 3, strides=2, activation="tanh")(images)
    second = keras.layers.Dense(6, activation="tanh")(keras.layers.Flatten()(first))
    outputs = {
        "logits": keras.layers.Dense(1)(second),
        "features": [first, second],
        "class_logits": keras.layers.Dense(CLASSES)(second),
        "code": keras.layers.Dense(CLASSES + 1)(second),
    }
    return generator, keras.Model(images, outputs, name="discriminator")


def gan_of(loss, terms, optimizers=None, **arguments) -> tt.training.GAN:
    """Returns a compiled GAN of such networks, the same weights each time."""
    keras.utils.set_random_seed(0)
    task = RichTask(*networks(), PRIOR)
    gan = tt.training.GAN(task, averaging=tt.training.ExponentialAveraging(50))
    optimizers = optimizers or (keras.optimizers.Adam(1e-2, 0.5), keras.optimizers.SGD(0.05))
    gan.compile(*optimizers, loss=loss, terms=terms, **{"jit_compile": False, **arguments})
    return gan


def batches(batch_size: int = 8, n: int = 32) -> tf.data.Dataset:
    """Returns an endless dataset with images, labels (some of them unknown) and latents."""
    rng = np.random.default_rng(1)
    data = {
        "image": tiny.images(n),
        "label": rng.integers(-1, CLASSES, size=n).astype("int32"),
        "latents": np.asarray(PRIOR.sample(n, seed=2)),
    }
    return tf.data.Dataset.from_tensor_slices(data).repeat().batch(batch_size, True)
