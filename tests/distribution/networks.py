"""Tiny networks for trainings on several replicas: what they compute does not depend on how a batch is shared out."""

import math

import keras
import numpy as np

import tfgan_tricks as tt
from tests.support.rich_task import CLASSES, PRIOR
from tfgan_tricks.layers import MinibatchDiscrimination, MinibatchStd

SIDE, LATENTS = 8, PRIOR.shape[0]
BODIES = ("plain", "patches", "classes", "deviation", "closeness")
FIXED = {"latent_dim": LATENTS, "channels": 1, "across_replicas": True}

# All there are, with what makes replicas compare their images.
PUBLIC = {
    "mlp": lambda: seeded(tt.architectures.mlp(resolution=SIDE, widths=(8,), batch_norm=True, **FIXED)),
    "dcgan": lambda: seeded(tt.architectures.dcgan(resolution=2 * SIDE, width=4, **FIXED)),
    "sngan_cnn": lambda: seeded(tt.architectures.sngan_cnn(resolution=SIDE, width=2, **FIXED)),
    "progan": lambda: seeded(tt.architectures.progan(resolution=SIDE, width=4, base_width=16, groups=2, **FIXED)),
}


def seeded(networks):
    """Returns networks with the same weights each time, none of them at its initial value."""
    generator = np.random.default_rng(7)
    for network in networks:
        for weight in network.trainable_weights:
            weight.assign(weight + generator.normal(scale=0.1, size=weight.shape).astype("float32"))
    return networks


def rich(shape=(SIDE, SIDE, 1), packing: int = 1, body: str = "plain") -> tuple[keras.Model, keras.Model]:
    """Returns a generator, and a critic that ends in one of `BODIES`, with features, a class head and a code head."""
    keras.utils.set_random_seed(0)
    latents = keras.Input((LATENTS,))
    x = keras.layers.Dense(math.prod(shape), activation="tanh")(latents)
    generator = keras.Model(latents, keras.layers.Reshape(shape)(x), name="generator")
    images = keras.Input((*shape[:2], shape[2] * packing))
    first = keras.layers.Conv2D(3, 3, strides=2, padding="same", activation="tanh")(images)
    x = MinibatchStd(3, across_replicas=True)(first) if body == "deviation" else first
    second = keras.layers.Dense(6, activation="tanh")(keras.layers.Flatten()(x))
    if body == "closeness":
        second = MinibatchDiscrimination(3, 2, across_replicas=True)(second)
    logits = keras.layers.Conv2D(1, 2)(x) if body == "patches" else keras.layers.Dense(1)(second)
    outputs = {
        "logits": logits,
        "features": [first, second],
        "class_logits": keras.layers.Dense(CLASSES)(second),
        "code": keras.layers.Dense(CLASSES + 1)(second),
    }
    if body == "classes":
        outputs = {"logits": outputs["class_logits"], "features": outputs["features"]}
    return generator, keras.Model(images, outputs, name="discriminator")


@keras.saving.register_keras_serializable("tests")
class Simple(tt.tasks.Unconditional):
    """Takes the latents from the batch."""

    needs = ("image", "latents")

    def inputs(self, batch, seed):
        return batch["latents"]


@keras.saving.register_keras_serializable("tests")
class Stacked(tt.tasks.Stacked):
    """Takes the latents from the batch."""

    needs = ("image", "latents", "label")

    def inputs(self, batch, seed):
        return {"latents": batch["latents"], "condition": batch["label"]}


def inpainting() -> tt.tasks.Inpainting:
    """Returns the task, the same weights each time; the holes come with the batch."""
    keras.utils.set_random_seed(0)

    def completing(name):
        images, mask = keras.Input((SIDE, SIDE, 1)), keras.Input((SIDE, SIDE, 1))
        x = keras.layers.Conv2D(3, 3, padding="same", activation="tanh")(keras.layers.Concatenate()([images, mask]))
        x = keras.layers.BatchNormalization(synchronized=True)(x)
        return keras.Model([images, mask], keras.layers.Conv2D(1, 3, padding="same", activation="tanh")(x), name=name)

    images = keras.Input((SIDE, SIDE, 1))
    critic = keras.Model(images, tt.layers.SpectralNormConv2D(1, 3, strides=2)(images), name="discriminator")
    return tt.tasks.Inpainting(completing("coarse"), completing("refine"), critic)


def stacked() -> Stacked:
    """Returns the task, the same weights each time; the first network makes images of half the side."""
    keras.utils.set_random_seed(0)
    half, label = SIDE // 2, keras.Input((), dtype="int32")
    latents, small, large = keras.Input((LATENTS,)), keras.Input((half, half, 1)), keras.Input((SIDE, SIDE, 1))

    def model(inputs, units, name):
        x = keras.layers.Concatenate()([keras.layers.Flatten()(inputs), keras.layers.Embedding(CLASSES + 1, 2)(label)])
        x = keras.layers.Dense(units, activation="tanh")(x)
        side = math.isqrt(units)
        outputs = keras.layers.Reshape((side, side, 1))(x) if side > 1 else keras.layers.Dense(1)(x)
        return keras.Model([inputs, label], outputs, name=name)

    generators = model(latents, half**2, "first"), model(small, SIDE**2, "second")
    critics = model(small, 3, "first_critic"), model(large, 3, "second_critic")
    return Stacked(*generators, *critics, tt.latents.Normal(LATENTS), condition="label")
