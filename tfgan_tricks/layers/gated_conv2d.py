"""Gated convolution."""

import keras

from tfgan_tricks.layers.gated_convolution import GatedConvolution
from tfgan_tricks.layers.image_convolution import refuse


@keras.saving.register_keras_serializable("tfgan_tricks")
class GatedConv2D(GatedConvolution, keras.layers.Conv2D):
    """Convolution that learns where its features count: each is multiplied by a gate between 0 and 1.

    For inpainting with free-form holes, and wherever some pixels of the input are not to be trusted: the gates are a
    soft mask per pixel and channel, computed by the layer itself, where `PartialConv2D` follows a given hard mask.

    y = φ(W_f∗x + b_f) ⊙ σ(W_g∗x + b_g). Both convolutions are one, with a kernel of 2 · `filters` outputs.

    **Source**: Yu et al., 2018, arXiv:1806.03589, section 3.1.

    **Differs from the paper**: no. `activation=None` makes φ the identity and keeps the gate; the last layer of the
    paper's networks, which gives the image, has no gate: use `keras.layers.Conv2D` there.

    Args:
        filters: number of output channels, at least 1; half the outputs of the kernel.
        kernel_size: integer or pair.
        strides: integer or pair.
        padding: "valid" or "same" (the paper's).
        activation: φ, on the features only.
        **kwargs: arguments of `keras.layers.Conv2D` (dilation_rate, use_bias, kernel_initializer, ...), except
            groups. Initializers see the fused kernel, so that their fan-out is 2 · `filters`.

    Attributes:
        kernel: [height, width, inputs, 2 · filters], first W_f, then W_g.
        bias: [2 · filters], first b_f, then b_g.

    Call arguments:
        inputs: float tensor, 4-D.

    Input shape: (n, h, w, c).

    Output shape: (n, new h, new w, filters).

    **Cost**: twice a convolution of the same `filters`.

    **Combines badly with**: a normalisation between convolution and gate (the layer has no place for it); normalise
    its output or go without, as the paper does.

    Example:

    >>> images, mask = np.zeros((2, 16, 16, 3), "float32"), np.ones((2, 16, 16, 1), "float32")
    >>> layer = tfgan_tricks.layers.GatedConv2D(8, 5, padding="same")
    >>> tuple(layer(np.concatenate([images, mask], axis=-1)).shape)
    (2, 16, 16, 8)
    >>> tuple(layer.kernel.shape)
    (5, 5, 4, 16)
    """

    def __init__(self, filters, kernel_size, strides=(1, 1), padding="valid", *, activation="elu", **kwargs):
        super().__init__(filters, kernel_size, strides, padding, activation=activation, **kwargs)
        if self.groups != 1:
            fix = "use one layer per group of channels and concatenate."
            refuse("GatedConv2D", f"groups={self.groups}", "groups=1, for features and gates of the same inputs", fix)

    def linear_map(self, inputs):
        return self.convolution_op(inputs, self.kernel)  # [n, new h, new w, 2 · filters]
