"""From channels to space: the second half of a sub-pixel convolution."""

import keras
from keras import ops

from tfgan_tricks.checks import check_integer, explain


@keras.saving.register_keras_serializable("tfgan_tricks")
class PixelShuffle(keras.layers.Layer):
    """Makes an image r times larger each way by laying out its channels in blocks of r × r pixels.

    After a convolution with r²·c filters this is the sub-pixel convolution: an upsampling whose filters all run at
    the small resolution. It computes what a transposed convolution of stride r with a kernel r times as large would,
    without holes of zeros. `initializers.ICNR` starts that convolution free of checkerboards.

    outputs[n, r·i + a, r·j + b, k] = inputs[n, i, j, (r·a + b)·c + k]: the order of `tf.nn.depth_to_space`.

    **Source**: Shi et al., 2016, arXiv:1609.05158, section 3.2, equation 4.

    **Differs from the paper**: in the order of the channels only. The paper's, which is PyTorch's too, has the
    output channel vary slowest, (k·r + a)·r + b; a kernel from there must be reordered.

    Args:
        r: factor of height and width, at least 1.
        **kwargs: arguments of `keras.Layer`.

    Call arguments:
        inputs: float tensor, 4-D; its number of channels divides by r².

    Input shape: (n, h, w, r²·c).

    Output shape: (n, r·h, r·w, c).

    **Cost**: one copy of the tensor; no arithmetic.

    **Combines badly with**: an ordinary initializer in the convolution before it, whose r² sub-kernels then differ and
    draw a checkerboard; use `ICNR`.

    Example:

    >>> inputs = np.arange(8.0).reshape(1, 1, 2, 4)
    >>> np.asarray(tfgan_tricks.layers.PixelShuffle(2)(inputs))[0, :, :, 0].tolist()
    [[0.0, 1.0, 4.0, 5.0], [2.0, 3.0, 6.0, 7.0]]
    """

    def __init__(self, r: int, **kwargs):
        check_integer("r", r, at_least=1)
        super().__init__(**kwargs)
        self.r = r

    def build(self, input_shape):
        self._check(input_shape)

    def call(self, inputs):
        self._check(inputs.shape)
        r = self.r
        n, h, w, _ = ops.shape(inputs)
        c = inputs.shape[-1] // r**2
        blocks = ops.reshape(inputs, (n, h, w, r, r, c))  # [n, h, w, r, r, c]
        rows = ops.transpose(blocks, (0, 1, 3, 2, 4, 5))  # [n, h, r, w, r, c]
        return ops.reshape(rows, (n, h * r, w * r, c))  # [n, r·h, r·w, c]

    def compute_output_shape(self, input_shape):
        self._check(input_shape)
        n, h, w, channels = input_shape
        return (n, *(size if size is None else size * self.r for size in (h, w)), channels // self.r**2)

    def _check(self, shape) -> None:
        if len(shape) != 4 or shape[-1] is None or shape[-1] % self.r**2:
            raise ValueError(
                explain(
                    f"{type(self).__name__} '{self.name}' cannot lay out these channels in blocks of pixels.",
                    received=f"inputs of shape {tuple(shape)}, r={self.r}",
                    expected=f"(n, h, w, channels) with channels known and divisible by r² = {self.r**2}",
                    fix=f"give the convolution before it {self.r**2}·c filters for c output channels.",
                )
            )

    def get_config(self):
        return {**super().get_config(), "r": self.r}
