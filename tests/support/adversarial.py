"""Logits to try a loss on, closed forms in NumPy, and the comparison of values and gradients with them."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import tiny
from tfgan_tricks.losses.adversarial import AdversarialLoss


def softplus(x):
    """log(1 + eˣ), without overflow."""
    return np.logaddexp(0.0, x)


def sigmoid(x):
    """1 / (1 + e⁻ˣ), exact at both ends."""
    return np.exp(-softplus(-x))


def cross_entropy(logits, target):
    """Value and derivative of -t·log σ(x) - (1 - t)·log(1 - σ(x))."""
    value = target * softplus(-logits) + (1.0 - target) * softplus(logits)
    return value, (1.0 - target) * sigmoid(logits) - target * sigmoid(-logits)  # σ(x) - t would cancel


def _logits(shape, seed):
    return np.random.default_rng(seed).normal(0.7, 3.0, size=shape)


EDGES = np.array([[100.0], [-100.0], [0.0], [30.0], [-30.0], [1e-3]])
PAIRS = {
    "scalars": (_logits((5, 1), 0), _logits((5, 1), 1)),
    "patches": (_logits((3, 4, 4, 1), 2), _logits((3, 4, 4, 1), 3)),
    "edges": (EDGES, EDGES[::-1] - 0.25),
}
each_pair = pytest.mark.parametrize(("real", "fake"), PAIRS.values(), ids=PAIRS.keys())


def check_parts(loss: AdversarialLoss, player: str, pair: dict, expected: dict) -> None:
    """Holds each part of a player's loss to its value and its derivative, {part: (value, derivative)}.

    The derivative of a part is taken in the logits of its own name. In float64 nearly all digits must agree.
    """
    _check_parts(loss, player, pair, expected, tf.float64, {"rtol": 1e-9, "atol": 1e-40})
    _check_parts(loss, player, pair, expected, tf.float32, {"rtol": 5e-6, "atol": 1e-6})


def _check_parts(loss, player, pair, expected, dtype, tolerance) -> None:
    logits = {name: tf.constant(value, dtype) for name, value in pair.items()}
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(logits)
        parts = getattr(loss, player)(**logits)
    assert set(parts) == set(expected)
    for name, (value, derivative) in expected.items():
        assert parts[name].shape == pair[name].shape
        assert parts[name].dtype == dtype
        np.testing.assert_allclose(parts[name], value, **tolerance)
        np.testing.assert_allclose(tape.gradient(parts[name], logits[name]), derivative, **tolerance)
        for other in set(logits) - {name}:
            assert tape.gradient(parts[name], logits[other]) is None, "a part depends on the other side's logits"


def derivatives(loss: AdversarialLoss, shape, seed=None, at: float = 0.3) -> dict[str, np.ndarray]:
    """Returns the derivative of the discriminator's parts at constant float32 logits, from which targets follow."""
    logits = {name: tf.fill(shape, tf.constant(at, tf.float32)) for name in ("real", "fake")}
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(logits)
        parts = loss.discriminator(**logits, seed=seed)
    return {name: tape.gradient(parts[name], logits[name]).numpy() for name in parts}


def linear_gan(loss: AdversarialLoss, classes: int = 1, **compile_arguments) -> tt.training.GAN:
    """Returns a GAN of two linear networks, quick to trace, whose critic has `classes` logits."""
    latents = keras.Input((tiny.LATENTS,))
    shape = (tiny.RESOLUTION, tiny.RESOLUTION, 1)
    made = keras.layers.Reshape(shape)(keras.layers.Dense(tiny.RESOLUTION**2, activation="tanh")(latents))
    images = keras.Input(shape)
    logits = keras.layers.Dense(classes)(keras.layers.Flatten()(images))
    networks = keras.Model(latents, made, name="generator"), keras.Model(images, logits, name="discriminator")
    gan = tt.training.GAN(tt.tasks.Unconditional(*networks, tt.latents.Normal(tiny.LATENTS)))
    gan.compile("sgd", "sgd", loss=loss, **{"jit_compile": False, **compile_arguments})
    return gan
