"""Completed matches before critics whose input gradient is known in closed form."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from tfgan_tricks.randomness import SeedStream
from tfgan_tricks.types import Match


def match_of(judge: Callable, real, fake=None, *, seed=0, images_seen=0, step=None, **fields) -> Match:
    """Returns the match that the GAN would hand to a term: real and fake, judged, with a stream of seeds.

    Args:
        judge: function from images to logits, or to a dict with "logits".
        real: real images.
        fake: generated images; the real ones, negated, unless given.
        seed: `SeedStream` that the match hands out, or the integer that one starts at.
        images_seen: where schedules are evaluated.
        step: how many updates the player has made; lazy terms count it.
        **fields: further fields of `Match`.
    """

    def outputs(images):
        out = judge(images)
        return out if isinstance(out, dict) else {"logits": out}

    real = tf.convert_to_tensor(real)
    fake = -real if fake is None else tf.convert_to_tensor(fake)
    return Match(
        real=real,
        fake=fake,
        real_out=outputs(real),
        fake_out=outputs(fake),
        judge=outputs,
        seed=SeedStream.from_integer(seed) if isinstance(seed, int) else seed,
        images_seen=images_seen,
        step=step,
        **fields,
    )


def linear_critic(weights) -> Callable:
    """Returns x -> ⟨w, x⟩ as logits [n, 1]; its input gradient is w everywhere."""

    def judge(images):
        axes = range(1, len(images.shape))
        return tf.reduce_sum(images * tf.cast(weights, images.dtype), list(axes))[:, None]  # [n, 1]

    return judge


def quadratic_critic(matrix) -> Callable:
    """Returns x -> ½ xᵀAx as logits [n, 1], A symmetric; its input gradient is Ax."""

    def judge(images):
        flat = tf.reshape(images, (tf.shape(images)[0], -1))  # [n, d]
        return 0.5 * tf.reduce_sum(flat * tf.matmul(flat, tf.cast(matrix, flat.dtype)), axis=1, keepdims=True)  # [n, 1]

    return judge


def symmetric_matrix(size: int, seed: int = 0) -> np.ndarray:
    """Returns a symmetric matrix with eigenvalues of both signs, float32."""
    matrix = np.random.default_rng(seed).normal(size=(size, size))
    return ((matrix + matrix.T) / 2).astype("float32")


def images_of(shape, seed: int = 0, dtype="float32") -> np.ndarray:
    """Returns random images, different in each example, pixel and channel."""
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)
