"""Blur before subsampling."""

import keras
import numpy as np
from keras import ops

from tfgan_tricks.checks import check_choice, check_integer
from tfgan_tricks.layers.image_convolution import check_images, check_window

PADDINGS = ("reflect", "same", "valid")


def box_power(width: int, times: int) -> np.ndarray:
    """Returns the filter that averages over `width` neighbours, `times` times over; its taps sum to 1."""
    taps = np.ones(1)
    for _ in range(times):
        taps = np.convolve(taps, np.full(width, 1 / width))
    return taps


def low_pass(inputs, taps: np.ndarray, strides: int, padding: str):
    """Returns each channel filtered by `taps` along height and width, at every `strides`-th pixel.

    The window around pixel i starts at i − (taps − 1)//2, at the first pixel of the image too unless `padding` is
    "valid".
    """
    if padding != "valid":
        around = [(len(taps) - 1) // 2, len(taps) // 2]
        mode = "reflect" if padding == "reflect" else "constant"
        inputs = ops.pad(inputs, [[0, 0], around, around, [0, 0]], mode=mode)
    window = np.outer(taps, taps)[:, :, None, None]
    window = np.repeat(window, inputs.shape[-1], axis=2)  # [taps, taps, c, 1]
    kernel = ops.convert_to_tensor(window, dtype=keras.backend.standardize_dtype(inputs.dtype))
    return ops.depthwise_conv(inputs, kernel, strides=strides, padding="valid", data_format="channels_last")


@keras.saving.register_keras_serializable("tfgan_tricks")
class BlurPool2D(keras.layers.Layer):
    """Subsampling after a binomial low-pass, so that a shift of the input changes little but a shift of the output.

    In place of the stride of a convolution or a pooling: `Conv2D(strides=2)` becomes `Conv2D`, activation,
    `BlurPool2D`; `MaxPooling2D(2)` becomes `MaxPooling2D(2, strides=1)`, `BlurPool2D`. In a discriminator it also
    spreads the gradient evenly over the pixels of a generated image.

    Filter of m taps: row m − 1 of Pascal's triangle over 2^(m−1), along both axes, each channel by itself: (1, 1)/2,
    (1, 2, 1)/4, (1, 3, 3, 1)/8, ... It holds nothing of the highest frequency, and constants as they are.

    **Source**: Zhang, 2019, arXiv:1904.11486, section 3.

    **Differs from the paper**: no; its names are Rectangle-2, Triangle-3, Binomial-4 to -7 by the number of taps.

    Args:
        kernel_size: number of taps, at least 2; the paper uses 2, 3 and 5, and its code up to 7.
        strides: take every `strides`-th pixel, along both axes; 1 only blurs.
        padding: "reflect" continues the image by its mirror image, "same" by zeros (darkens the borders), "valid"
            keeps to full windows.
        **kwargs: arguments of `keras.Layer`.

    Call arguments:
        inputs: float tensor, 4-D.

    Input shape: (n, h, w, c).

    Output shape: (n, ⌈h/strides⌉, ⌈w/strides⌉, c); with padding "valid" ⌈(h − kernel_size + 1)/strides⌉ and so on.

    **Cost**: kernel_size² multiplications per output value, and no weights. The layer before it now computes
    strides² as many values as one with the stride.

    **Combines badly with**: a strided layer right before it, whose aliasing it can no longer take out.

    Example:

    >>> edges = np.tile([1.0, -1.0], 8).reshape(1, 1, 16, 1).repeat(16, axis=1)
    >>> layer = tfgan_tricks.layers.BlurPool2D(3)
    >>> outputs = layer(edges)
    >>> tuple(outputs.shape), float(np.abs(outputs).max())
    ((1, 8, 8, 1), 0.0)
    """

    def __init__(self, kernel_size: int = 3, strides: int = 2, padding: str = "reflect", **kwargs):
        check_integer("kernel_size", kernel_size, at_least=2)
        check_integer("strides", strides, at_least=1)
        check_choice("padding", padding, PADDINGS)
        super().__init__(**kwargs)
        self.kernel_size = kernel_size
        self.strides = strides
        self.padding = padding

    def build(self, input_shape):
        self._check_inputs(input_shape)
        super().build(input_shape)

    def call(self, inputs):
        self._check_inputs(inputs.shape)
        return low_pass(inputs, self.taps, self.strides, self.padding)  # [n, new h, new w, c]

    @property
    def taps(self) -> np.ndarray:
        """The filter along one axis."""
        return box_power(2, self.kernel_size - 1)

    def compute_output_shape(self, input_shape):
        n, *sizes, channels = input_shape
        lost = self.kernel_size - 1 if self.padding == "valid" else 0
        return (n, *(None if size is None else -(-(size - lost) // self.strides) for size in sizes), channels)

    def _check_inputs(self, shape):
        check_images("BlurPool2D", shape)
        least = {"valid": self.kernel_size, "reflect": self.kernel_size // 2 + 1, "same": 1}[self.padding]
        check_window(
            "BlurPool2D", shape, (least, least), "pass larger images, a smaller kernel_size or padding='same'."
        )

    def get_config(self):
        own = {"kernel_size": self.kernel_size, "strides": self.strides, "padding": self.padding}
        return {**super().get_config(), **own}
