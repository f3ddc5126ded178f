"""Convolution with an equalised learning rate."""

import keras

from tfgan_tricks.layers.equalized import EqualizedKernel
from tfgan_tricks.layers.image_convolution import ImageConvolution


@keras.saving.register_keras_serializable("tfgan_tricks")
class EqualizedConv2D(EqualizedKernel, ImageConvolution, keras.layers.Conv2D):
    """Convolution that starts from N(0, 1) and is scaled by gain/√fan_in whenever it is used.

    The networks of ProGAN and StyleGAN are made of such layers. At the start it computes what He's initialization
    gives. But all raw weights have the same spread, so that an optimizer that normalises its steps, as Adam does,
    changes all layers at the same relative speed.

    y = φ((s W)∗x + m b) with s = m · gain/√fan_in, fan_in = height · width · inputs/groups, W from N(0, 1/m²),
    b from 0, m the `learning_rate_multiplier`.

    **Source**: Karras et al., 2017, arXiv:1710.10196, section 4.1; `learning_rate_multiplier`: Karras et al., 2018,
    arXiv:1812.04948, appendix C.

    **Differs from the paper**: no; the default `gain` is He's constant, which the paper names.

    Args:
        filters: number of output channels, at least 1.
        kernel_size: integer or pair.
        strides: integer or pair.
        padding: "valid" or "same".
        gain: spread of the outputs for inputs of mean square 1, above 0: √2 before ReLU-like activations, 1 before a
            linear output such as the one to an image.
        learning_rate_multiplier: m, above 0: a step of Adam moves s W by m times as much.
        **kwargs: arguments of `keras.layers.Conv2D` (dilation_rate, groups, activation, use_bias, ...), except LoRA.

    Attributes:
        kernel: the raw W, [height, width, inputs/groups, filters].
        scale: s.

    Call arguments:
        inputs: float tensor, 4-D.

    Input shape: (n, h, w, c).

    Output shape: (n, new h, new w, filters).

    **Cost**: one product per weight and call.

    **Combines badly with**: plain gradient descent, whose step in s W shrinks by s² instead; spectral or weight
    normalisation, whose wrappers refuse the layer, since they would normalise the raw kernel and s would undo it;
    weight decay, which sees the raw kernel too.

    Example:

    >>> layer = tfgan_tricks.layers.EqualizedConv2D(8, 3, padding="same", activation="leaky_relu")
    >>> tuple(layer(np.ones((2, 16, 16, 2), "float32")).shape)
    (2, 16, 16, 8)
    >>> round(layer.scale * 3, 6)  # √(2/18) · 3
    1.0
    """

    def __init__(
        self,
        filters,
        kernel_size,
        strides=(1, 1),
        padding="valid",
        *,
        gain: float = 2**0.5,
        learning_rate_multiplier: float = 1.0,
        **kwargs,
    ):
        super().__init__(
            filters,
            kernel_size,
            strides,
            padding,
            gain=gain,
            learning_rate_multiplier=learning_rate_multiplier,
            **kwargs,
        )

    def linear_map(self, inputs, kernel):
        self.check_inputs(inputs.shape)
        return self.convolution_op(inputs, kernel)  # [n, new h, new w, filters]
