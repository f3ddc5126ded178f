"""A network whose attention is known in closed form."""

import keras
import numpy as np

from tfgan_tricks.layers import SelfAttention2D

CHANNELS = 8


def attention_model(pool: bool = False, upsample: int = 1) -> keras.Model:
    """Returns a network whose layer "attention" scores key i for query j with a_i · b_j.

    a is channel 0 of its input and b is channel 1, so that query j attends to key i with e^(a_i·b_j) / Σ e^(a_i·b_j).
    """
    inputs = keras.Input((None, None, CHANNELS))
    hidden = keras.layers.UpSampling2D(upsample)(keras.layers.BatchNormalization(epsilon=0.0)(inputs))
    layer = SelfAttention2D(pool=pool, name="attention")
    outputs = keras.layers.Conv2D(3, 1)(SelfAttention2D(name="second")(layer(hidden)))
    for convolution, channel in ((layer.key, 0), (layer.query, 1)):
        kernel = np.zeros((1, 1, CHANNELS, 1), "float32")
        kernel[0, 0, channel] = 1.0
        convolution.kernel.assign(kernel)
    return keras.Model(inputs, outputs)


def batch(n: int, height: int, width: int) -> np.ndarray:
    """Returns inputs whose channel 0 is log(1), log(2), ... and whose channel 1 is 0, 1, 2, ... over the positions."""
    values = np.random.default_rng(0).normal(size=(n, height, width, CHANNELS))
    places = np.arange(height * width).reshape(height, width)
    for example in range(n):
        values[example, :, :, 0] = np.log(1 + places + example)
        values[example, :, :, 1] = places
    return values.astype("float32")
