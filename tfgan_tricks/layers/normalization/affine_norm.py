"""What the normalisation layers share: moments, the normalisation itself, and the trained scale and offset."""

import keras
from keras import ops

from tfgan_tricks.checks import check_range, check_type, explain


def example_moments(x):
    """Returns mean and variance of each example and channel, over positions; reduced axes are kept, of size 1.

    Without positions the mean is the value itself and the variance 0.
    """
    positions = tuple(range(1, len(x.shape) - 1))
    if not positions:
        return x, ops.zeros_like(x)
    mean = ops.mean(x, positions, keepdims=True)  # [n, 1, ..., 1, c]
    return mean, ops.mean(ops.square(x - mean), positions, keepdims=True)


def pooled_moments(mean, variance, axis: int):
    """Returns mean and variance of the union, along `axis`, of groups of equal size with these means and variances."""
    pooled = ops.mean(mean, axis, keepdims=True)
    return pooled, ops.mean(variance + ops.square(mean - pooled), axis, keepdims=True)


class AffineNorm(keras.layers.Layer):
    """Base of layers that compute γ · (x - mean)/√(variance + ε) + β, in float32 or wider, with γ and β per channel.

    Args:
        center: whether there is a trained offset β, which starts at 0.
        scale: whether there is a trained scale γ, which starts at 1.
        epsilon: added to the variance, inside the root, above 0.
        **kwargs: arguments of `keras.layers.Layer`.
    """

    least_rank = 2  # of the input: batch and channels; 3 where positions are needed

    def __init__(self, *, center: bool, scale: bool, epsilon: float, **kwargs):
        check_type("center", center, bool, fix="pass True or False.")
        check_type("scale", scale, bool, fix="pass True or False.")
        check_range("epsilon", epsilon, low=0.0, low_open=True)
        super().__init__(**kwargs)
        self.center = center
        self.scale = scale
        self.epsilon = epsilon
        self.gamma = None
        self.beta = None

    def build(self, input_shape):
        if len(input_shape) < self.least_rank or input_shape[-1] is None:
            expected = "(n, ..., channels)" if self.least_rank == 2 else "(n, positions, ..., channels)"
            raise ValueError(
                explain(
                    f"{type(self).__name__} cannot normalise an input of this shape.",
                    received=f"shape {tuple(input_shape)}",
                    expected=f"{expected}: at least {self.least_rank} axes, the last one of known size",
                    fix="put channels last; for vectors use keras.layers.LayerNormalization or BatchNormalization.",
                )
            )
        channels = input_shape[-1]
        if self.scale:
            self.gamma = self.add_weight(name="gamma", shape=(channels,), initializer="ones", autocast=False)
        if self.center:
            self.beta = self.add_weight(name="beta", shape=(channels,), initializer="zeros", autocast=False)
        self.input_spec = keras.layers.InputSpec(ndim=len(input_shape), axes={-1: channels})

    def add_statistic(self, name: str, shape: tuple, initializer: str, **kwargs):
        """Adds a weight, float32 or wider, that is saved but not trained."""
        return self.add_weight(
            name=name,
            shape=shape,
            initializer=initializer,
            dtype=keras.backend.result_type(self.variable_dtype, "float32"),
            trainable=False,
            autocast=False,
            **kwargs,
        )

    def promote(self, inputs):
        """Returns the inputs in float32, or wider if they are."""
        return ops.cast(inputs, keras.backend.result_type(inputs.dtype, "float32"))

    def normalize(self, x, mean, variance):
        """Returns γ · (x - mean)/√(variance + ε) + β in the layer's compute type."""
        factor = ops.rsqrt(variance + self.epsilon)
        if self.gamma is not None:
            factor = factor * ops.cast(self.gamma, x.dtype)
        outputs = (x - mean) * factor
        if self.beta is not None:
            outputs = outputs + ops.cast(self.beta, x.dtype)
        return ops.cast(outputs, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def get_config(self):
        return {**super().get_config(), "center": self.center, "scale": self.scale, "epsilon": self.epsilon}
