"""The layer of PacGAN's critic."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("tfgan_tricks_benchmarks")
class Maxout(keras.layers.Layer):
    """The largest of several linear layers, unit by unit: Goodfellow et al., 2013, arXiv:1302.4389.

    Args:
        units: outputs.
        pieces: linear layers.
        kernel_initializer: of each of them.
    """

    def __init__(self, units: int, pieces: int, kernel_initializer="glorot_uniform", **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.pieces = pieces
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, input_shape):
        shape = (input_shape[-1], self.pieces * self.units)
        self.kernel = self.add_weight(shape=shape, initializer=self.kernel_initializer, name="kernel")
        self.bias = self.add_weight(shape=shape[1:], initializer="zeros", name="bias")

    def call(self, x):
        linear = ops.matmul(x, self.kernel) + self.bias  # [n, pieces * units]
        return ops.max(ops.reshape(linear, (-1, self.pieces, self.units)), axis=1)  # [n, units]

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units)

    def get_config(self):
        initializer = keras.initializers.serialize(self.kernel_initializer)
        own = {"units": self.units, "pieces": self.pieces, "kernel_initializer": initializer}
        return {**super().get_config(), **own}
