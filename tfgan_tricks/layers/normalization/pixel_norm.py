"""Pixelwise feature normalisation."""

import keras
from keras import ops

from tfgan_tricks.checks import check_range, explain


@keras.saving.register_keras_serializable("tfgan_tricks")
class PixelNorm(keras.layers.Layer):
    """Scales the features at each position to a root mean square of 1.

    After each convolution of a generator: it keeps signals from growing out of hand when the two players escalate,
    without statistics of a batch and without weights. StyleGAN's mapping network does it once, to its latent.

    y = x/√(mean of x² over the channels + ε), at each position on its own.

    **Source**: Karras et al., 2018, arXiv:1710.10196, section 4.2.

    **Differs from the paper**: no.

    Args:
        epsilon: ε, added to the mean square, inside the root, above 0.
        **kwargs: arguments of `keras.layers.Layer` (name, dtype, ...).

    Call arguments:
        inputs: float tensor, images or vectors.

    Input shape: (n, ..., channels).

    Output shape: that of the input.

    **Cost**: one pass over the input for the mean square, one to normalise.

    **Combines badly with**: a last layer whose outputs are pixels, and layers of a single channel, of which only the
    sign would be left; discriminators, which must see how large a feature is.

    Example:

    >>> outputs = tfgan_tricks.layers.PixelNorm()(np.array([[3.0, 4.0], [0.3, 0.4]], "float32"))
    >>> [[round(float(value), 3) for value in row] for row in outputs]
    [[0.849, 1.131], [0.849, 1.131]]
    """

    def __init__(self, epsilon: float = 1e-8, **kwargs):
        check_range("epsilon", epsilon, low=0.0, low_open=True)
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def build(self, input_shape):
        if len(input_shape) < 2:
            raise ValueError(
                explain(
                    "PixelNorm needs an axis of channels.",
                    received=f"shape {tuple(input_shape)}",
                    expected="(n, ..., channels)",
                    fix="add the batch axis in front: inputs[None].",
                )
            )

    def call(self, inputs):
        x = ops.cast(inputs, keras.backend.result_type(inputs.dtype, "float32"))
        mean_square = ops.mean(ops.square(x), axis=-1, keepdims=True)  # [n, ..., 1]
        return ops.cast(x * ops.rsqrt(mean_square + self.epsilon), self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def get_config(self):
        return {**super().get_config(), "epsilon": self.epsilon}
