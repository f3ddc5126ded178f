"""From space to channels: downsampling that loses nothing."""

import keras
from keras import ops

from tfgan_tricks.checks import check_integer, explain


@keras.saving.register_keras_serializable("tfgan_tricks")
class PixelUnshuffle(keras.layers.Layer):
    """Makes an image r times smaller each way by moving blocks of r × r pixels into the channels.

    The inverse of `PixelShuffle`: a downsampling that keeps every number, for discriminators and encoders that are to
    see all pixels at a small resolution.

    outputs[n, i, j, (r·a + b)·c + k] = inputs[n, r·i + a, r·j + b, k]: the order of `tf.nn.space_to_depth`.

    **Source**: the inverse of Shi et al., 2016, arXiv:1609.05158, section 3.2, equation 4.

    **Differs from the paper**: in the order of the channels only. The paper's, which is PyTorch's too, has the image's
    channel vary slowest, (k·r + a)·r + b.

    Args:
        r: divisor of height and width, at least 1.
        **kwargs: arguments of `keras.Layer`.

    Call arguments:
        inputs: float tensor, 4-D; height and width divide by r. A size that is unknown when a graph is traced
            is checked by the reshape when the graph runs.

    Input shape: (n, r·h, r·w, c).

    Output shape: (n, h, w, r²·c).

    **Cost**: one copy of the tensor; no arithmetic.

    **Combines badly with**: nothing known.

    Example:

    >>> image = np.arange(8.0).reshape(1, 2, 4, 1)
    >>> np.asarray(tfgan_tricks.layers.PixelUnshuffle(2)(image)).tolist()
    [[[[0.0, 1.0, 4.0, 5.0], [2.0, 3.0, 6.0, 7.0]]]]
    """

    def __init__(self, r: int, **kwargs):
        check_integer("r", r, at_least=1)
        super().__init__(**kwargs)
        self.r = r

    def build(self, input_shape):
        self._check(input_shape)

    def call(self, inputs):
        self._check(inputs.shape)
        r, c = self.r, inputs.shape[-1]
        n, h, w, _ = ops.shape(inputs)
        rows = ops.reshape(inputs, (n, h // r, r, w // r, r, c))  # [n, h/r, r, w/r, r, c]
        blocks = ops.transpose(rows, (0, 1, 3, 2, 4, 5))  # [n, h/r, w/r, r, r, c]
        return ops.reshape(blocks, (n, h // r, w // r, r * r * c))  # [n, h/r, w/r, r²·c]

    def compute_output_shape(self, input_shape):
        self._check(input_shape)
        n, h, w, channels = input_shape
        return (n, *(size if size is None else size // self.r for size in (h, w)), channels * self.r**2)

    def _check(self, shape) -> None:
        if len(shape) != 4 or shape[-1] is None or any(size is not None and size % self.r for size in shape[1:3]):
            raise ValueError(
                explain(
                    f"{type(self).__name__} '{self.name}' cannot divide these images into blocks of pixels.",
                    received=f"inputs of shape {tuple(shape)}, r={self.r}",
                    expected=f"(n, height, width, c), height and width divisible by r = {self.r}, c known",
                    fix="pad or crop the images first, or choose an r that divides both sizes.",
                )
            )

    def get_config(self):
        return {**super().get_config(), "r": self.r}
