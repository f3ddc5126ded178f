"""Gated transposed convolution."""

import keras
from keras import ops

from tfgan_tricks.layers.gated_convolution import GatedConvolution


@keras.saving.register_keras_serializable("tfgan_tricks")
class GatedConv2DTranspose(GatedConvolution, keras.layers.Conv2DTranspose):
    """Transposed convolution that learns where its features count: each is multiplied by a gate between 0 and 1.

    The up-sampling sibling of `GatedConv2D`, for decoders that learn their up-sampling.

    y = φ(W_f∗x + b_f) ⊙ σ(W_g∗x + b_g), with transposed convolutions. Both are one, with a kernel of 2 · `filters`
    outputs.

    **Source**: Yu et al., 2018, arXiv:1806.03589, section 3.1 (the gate).

    **Differs from the paper**: its decoder has no transposed convolution; it doubles the image by nearest-neighbour
    interpolation and applies a gated convolution. For that, see the second part of the example. `activation=None`
    makes φ the identity and keeps the gate.

    Args:
        filters: number of output channels, at least 1; half the outputs of the kernel.
        kernel_size: integer or pair; a multiple of `strides` makes checkerboards less likely.
        strides: integer or pair.
        padding: "valid" or "same".
        activation: φ, on the features only.
        **kwargs: arguments of `keras.layers.Conv2DTranspose` (output_padding, use_bias, kernel_initializer, ...).
            Initializers see the fused kernel, of 2 · `filters` outputs.

    Attributes:
        kernel: [height, width, 2 · filters, inputs], first W_f, then W_g.
        bias: [2 · filters], first b_f, then b_g.

    Call arguments:
        inputs: float tensor, 4-D.

    Input shape: (n, h, w, c).

    Output shape: (n, new h, new w, filters).

    **Cost**: twice a transposed convolution of the same `filters`.

    **Combines badly with**: a `kernel_size` that `strides` does not divide (checkerboards in features and gates).

    Example:

    >>> layer = tfgan_tricks.layers.GatedConv2DTranspose(8, 4, strides=2, padding="same")
    >>> tuple(layer(np.ones((2, 8, 8, 16), "float32")).shape)
    (2, 16, 16, 8)
    >>> up = keras.layers.UpSampling2D(2, interpolation="nearest")
    >>> tuple(tfgan_tricks.layers.GatedConv2D(8, 3, padding="same")(up(np.ones((2, 8, 8, 16), "float32"))).shape)
    (2, 16, 16, 8)
    """

    def __init__(self, filters, kernel_size, strides=(1, 1), padding="valid", *, activation="elu", **kwargs):
        super().__init__(filters, kernel_size, strides, padding, activation=activation, **kwargs)

    def linear_map(self, inputs):
        return ops.conv_transpose(  # [n, new h, new w, 2 · filters]
            inputs,
            self.kernel,
            strides=list(self.strides),
            padding=self.padding,
            output_padding=self.output_padding,
            dilation_rate=self.dilation_rate,
            data_format=self.data_format,
        )
