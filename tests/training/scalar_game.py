"""A game of two numbers: G(z) = θ·z with z = 1, D(x) = ψ·x, and losses that are linear in the logits."""

import keras
import numpy as np

import tfgan_tricks as tt
from tests.support import tiny

REAL = np.array([[1.0], [2.0], [4.5]], "float32")
MEAN = 2.5
THETA, PSI = 0.5, 1.5


def number(name: str, value: float, **arguments) -> keras.Model:
    """Returns a network that multiplies by one weight."""
    inputs = keras.Input((1,))
    start = keras.initializers.Constant(value)
    layer = keras.layers.Dense(1, use_bias=False, kernel_initializer=start, **arguments)
    return keras.Model(inputs, layer(inputs), name=name)


def batch() -> dict:
    """Returns three real numbers of mean 2.5, and the latents 1."""
    return {"image": REAL, "latents": np.ones_like(REAL)}


def task(**critic_arguments) -> tiny.LatentsFromBatch:
    """Returns the task, from θ = 0.5 and ψ = 1.5."""
    networks = number("generator", THETA), number("discriminator", PSI, **critic_arguments)
    return tiny.LatentsFromBatch(*networks, tt.latents.Normal(1))


def weight(network: keras.Model) -> float:
    """Returns the one weight of a network."""
    return float(tiny.values(network.trainable_variables)[0].item())
