"""Scale and offset taken from another image's features."""

import keras
from keras import ops

from tfgan_tricks.checks import check_range, explain
from tfgan_tricks.layers.conditioning.modulation import Modulation
from tfgan_tricks.layers.conditioning.pairs import split_pair


@keras.saving.register_keras_serializable("tfgan_tricks")
class StatisticsModulation(Modulation):
    """The standard deviation and the mean of a feature map, per channel, as scale and offset for `Modulated`.

    For style transfer: over an instance normalisation, the result has the content of x and the channel statistics of
    the style's features. There is nothing to train. `AdaptiveInstanceNorm` is that pair.

    γ = √(variance over positions + ε), β = mean over positions, both of the condition. Gradient flows to it.

    **Source**: Huang and Belongie, 2017, arXiv:1703.06868, equations 6 to 8.

    **Differs from the paper**: no.

    Args:
        epsilon: added to the variance, above 0.
        **kwargs: arguments of `keras.layers.Layer`.

    Call arguments:
        inputs: list [x, style], two feature maps with the same number of channels; their sizes may differ.

    Input shape: [(n, ..., channels), (n, ..., channels)].

    Output shape: a pair of (n, 1, ..., 1, channels).

    **Cost**: two passes over the style.

    **Combines badly with**: styles of one position, whose standard deviation is √ε.

    Example:

    >>> modulation = tt.layers.StatisticsModulation()
    >>> style = np.array([1.0, 3.0, 5.0, 3.0], "float32").reshape((1, 2, 2, 1))
    >>> scale, offset = modulation([np.ones((1, 8, 8, 1), "float32"), style])
    >>> round(float(scale[0, 0, 0, 0]), 3), float(offset[0, 0, 0, 0])
    (1.414, 3.0)
    """

    def __init__(self, epsilon: float = 1e-5, **kwargs):
        check_range("epsilon", epsilon, low=0.0, low_open=True)
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def build(self, input_shape):
        x_shape, style_shape = split_pair(self, input_shape)
        if len(style_shape) < 3 or style_shape[-1] != x_shape[-1]:
            raise ValueError(
                explain(
                    f"{type(self).__name__} got a style that does not fit x.",
                    received=f"x of shape {x_shape}, style of shape {style_shape}",
                    expected=f"a feature map of shape (n, ..., {x_shape[-1]})",
                    fix="take both from the same layer of an encoder; for a style vector use StyleModulation.",
                )
            )
        super().build(input_shape)

    def call(self, inputs, training=False):
        x, style = inputs
        style = ops.cast(style, keras.backend.result_type(style.dtype, "float32"))
        positions = tuple(range(1, len(style.shape) - 1))
        mean = ops.mean(style, positions, keepdims=True)  # [n, 1, ..., 1, c]
        variance = ops.mean(ops.square(style - mean), positions)  # [n, c]
        return self.per_channel(ops.sqrt(variance + self.epsilon), x), self.per_channel(mean, x)

    def get_config(self):
        return {**super().get_config(), "epsilon": self.epsilon}
