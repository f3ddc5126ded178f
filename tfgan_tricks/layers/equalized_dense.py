"""Dense layer with an equalised learning rate."""

import keras
from keras import ops

from tfgan_tricks.checks import check_integer
from tfgan_tricks.layers.equalized import EqualizedKernel


@keras.saving.register_keras_serializable("tfgan_tricks")
class EqualizedDense(EqualizedKernel, keras.layers.Dense):
    """Dense layer that starts from N(0, 1) and is scaled by gain/√fan_in whenever it is used.

    The networks of ProGAN and StyleGAN are made of such layers. At the start it computes what He's initialization
    gives. But all raw weights have the same spread, so that an optimizer that normalises its steps, as Adam does,
    changes all layers at the same relative speed.

    y = φ(x · (s W) + m b) with s = m · gain/√fan_in, W from N(0, 1/m²), b from 0, m the `learning_rate_multiplier`.

    **Source**: Karras et al., 2017, arXiv:1710.10196, section 4.1; `learning_rate_multiplier`: Karras et al., 2018,
    arXiv:1812.04948, appendix C.

    **Differs from the paper**: no. StyleGAN's text only speaks of a lower learning rate in the mapping network; the
    multiplier gets it through the weights: with Adam, a step moves s W by m times as much.

    Args:
        units: number of outputs, at least 1.
        gain: spread of the outputs for inputs of mean square 1, above 0: √2 before ReLU-like activations, 1 before a
            linear output.
        learning_rate_multiplier: m, above 0; StyleGAN's mapping network uses 0.01.
        **kwargs: arguments of `keras.layers.Dense` (activation, use_bias, ...), except LoRA and quantization.

    Attributes:
        kernel: the raw W, [inputs, units].
        scale: s.

    Call arguments:
        inputs: float tensor, at least 2-D.

    Input shape: (n, ..., inputs).

    Output shape: (n, ..., units).

    **Cost**: one product per weight and call.

    **Combines badly with**: plain gradient descent, whose step in s W shrinks by s² instead; spectral or weight
    normalisation, whose wrappers refuse the layer, since they would normalise the raw kernel and s would undo it;
    weight decay, which sees the raw kernel too.

    Example:

    >>> layer = tfgan_tricks.layers.EqualizedDense(8, gain=1.0)
    >>> inputs = np.ones((2, 4), "float32")
    >>> bool(np.allclose(layer(inputs), inputs @ np.asarray(layer.kernel) / 2, atol=1e-5))
    True
    """

    def __init__(self, units, *, gain: float = 2**0.5, learning_rate_multiplier: float = 1.0, **kwargs):
        check_integer("units", units, at_least=1)
        super().__init__(units, gain=gain, learning_rate_multiplier=learning_rate_multiplier, **kwargs)

    def linear_map(self, inputs, kernel):
        return ops.matmul(inputs, kernel)  # [n, ..., units]
