"""Gaussians on a ring and on a grid, as PacGAN has them (arXiv:1712.04086, section 4.1 and table 1)."""

from collections.abc import Callable
from typing import ClassVar

import keras
import numpy as np
import tensorflow as tf
from keras import layers

import tfgan_tricks as tt
from mode_lab.game import Game, Protocol, Variant
from mode_lab.maxout import Maxout

LATENTS, PLANE = 2, 2
FULL = Protocol(examples=100_000, batch=100, steps=400_000, evaluated=2_500, trials=10)
QUICK = Protocol(examples=100_000, batch=100, steps=10_000, evaluated=2_500, trials=1)


class PointGame(Game):
    """A known mixture in the plane.

    Args:
        name: in the file of results.
        mixture: function returning it.
    """

    protocols: ClassVar = {"quick": QUICK, "full": FULL}
    variants: ClassVar = {f"packing={m}": Variant(packing=m) for m in (1, 2, 3, 4)}
    measures = ("modes", "high_quality", "reverse_kl")
    xla = True

    def __init__(self, name: str, mixture: Callable[[], tt.data.GaussianMixture]):
        self.name = name
        self.mixture = mixture()

    def gan(self, variant, seed, **options):
        task = tt.tasks.Unconditional(generator(), critic(variant.packing), prior=tt.latents.Normal(LATENTS))
        gan = tt.training.OneStageGAN(task, seed=seed)  # the authors' code, too, moves both players at once
        optimizers = (keras.optimizers.Adam(1e-4, beta_1=0.8, epsilon=1e-8) for _ in range(2))
        gan.compile(*optimizers, loss=tt.losses.adversarial.NonSaturating(), inputs=variant.inputs, **options)
        return gan

    def batches(self, variant, protocol, seed):
        """Fixed packs of fixed points in a new order in each epoch."""
        count, packing = protocol.examples, variant.packing
        _, points = self.mixture.at(tf.range(count * packing, dtype=tf.int64), seed)
        packs = tf.data.Dataset.from_tensor_slices(tf.reshape(points, (count, packing, PLANE)))
        packs = packs.shuffle(count, seed=seed).repeat().batch(protocol.batch, drop_remainder=True)
        # `Packing` puts neighbours together: [batch, packing, 2] -> [batch * packing, 2].
        return packs.map(lambda pack: {"image": tf.reshape(pack, (protocol.batch * packing, PLANE))}).prefetch(16)

    def judge(self, samples: np.ndarray) -> dict:
        result = tt.metrics.ModeCoverage.of(self.mixture)(None, tt.metrics.Samples(features=samples))
        return {"metric": result.name, "modes": result.value, **{k: result.details[k] for k in DETAILS}}


DETAILS = ("high_quality", "reverse_kl", "hits")


def generator(width: int = 400, depth: int = 4) -> keras.Model:
    """Returns the paper's generator: dense layers without bias, each with batch norm and ReLU, and a linear one."""
    latents = x = keras.Input((LATENTS,), name="latents")
    for _ in range(depth):  # [n, width]
        x = layers.Dense(width, use_bias=False, kernel_initializer=_normal())(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.95, epsilon=1e-4)(x))
    return keras.Model(latents, layers.Dense(PLANE, kernel_initializer=_normal())(x), name="generator")


def critic(packing: int, width: int = 200, depth: int = 3, pieces: int = 5) -> keras.Model:
    """Returns the paper's critic of packs: maxout layers, and a linear one to the logit."""
    points = x = keras.Input((PLANE * packing,), name="points")
    for _ in range(depth):  # [n, width]
        x = Maxout(width, pieces, kernel_initializer=_normal())(x)
    return keras.Model(points, layers.Dense(1, kernel_initializer=_normal())(x), name="critic")


def _normal():
    return keras.initializers.RandomNormal(stddev=0.02)
