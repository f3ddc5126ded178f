"""The protocol of a modulation: scale and offset of normalised activations, from a condition."""

import keras
from keras import ops

from tfgan_tricks.layers.conditioning.pairs import split_pair


class Modulation(keras.layers.Layer):
    """Layer from activations x and a condition c to a scale γ(c) and an offset β(c), for `Modulated` to apply.

    It is called with [x, c], of which it uses x for its shape alone, and returns the pair (scale, offset). Both must
    broadcast to x without making it larger: [n, 1, ..., 1, c] for one value per channel, which is what this class
    declares, or the shape of x for one per position. The scale is used as it is, y = γ·x̂ + β, so a modulation with
    weights should start near γ = 1, β = 0: give the map to γ a bias that starts at one.

    A subclass implements `build` and `call`, and `compute_output_shape` if it says more than one value per channel.
    """

    def call(self, inputs, training=False):
        """Returns (scale, offset)."""
        raise NotImplementedError(f"{type(self).__name__} must implement call([x, condition]) -> (scale, offset).")

    def compute_output_shape(self, input_shape):
        x_shape, _ = split_pair(self, input_shape)
        shape = (x_shape[0], *[1] * (len(x_shape) - 2), x_shape[-1])
        return shape, shape

    def per_channel(self, values, x):
        """Returns values [n, c] in a shape that broadcasts to x, in the layer's compute type."""
        shape = (-1, *[1] * (len(x.shape) - 2), x.shape[-1])
        return ops.cast(ops.reshape(values, shape), self.compute_dtype)  # [n, 1, ..., 1, c]
