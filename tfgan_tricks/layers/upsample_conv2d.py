"""Up-sampling by interpolation, then a convolution."""

import keras
from keras import ops

from tfgan_tricks.checks import check_choice, check_integer
from tfgan_tricks.layers.image_convolution import ImageConvolution

INTERPOLATIONS = ("nearest", "bilinear")


def stretch(inputs, scale: int, axis: int):
    """Returns images that are `scale` times as long along an axis, by linear interpolation between pixel centres.

    As `keras.ops.image.resize`, but in the type of the inputs, and with a gradient that is the same in each run on
    a GPU too.
    """
    around = [[0, 0] for _ in inputs.shape]
    around[axis] = [1, 1]
    padded, before = ops.pad(inputs, around, mode="symmetric"), (slice(None),) * axis
    previous, following = padded[(*before, slice(None, -2))], padded[(*before, slice(2, None))]
    phases = []
    for phase in range(scale):
        offset = (phase + 0.5) / scale - 0.5  # from the centre of the pixel, in pixels
        neighbour = previous if offset < 0 else following
        phases.append((1 - abs(offset)) * inputs + abs(offset) * neighbour)
    shape = list(ops.shape(inputs))
    shape[axis] = scale * shape[axis]
    return ops.reshape(ops.stack(phases, axis=axis + 1), shape)


@keras.saving.register_keras_serializable("tfgan_tricks")
class UpsampleConv2D(ImageConvolution, keras.layers.Conv2D):
    """Convolution of an enlarged image, in place of a transposed convolution: no checkerboards.

    A strided transposed convolution reaches some pixels by more weights than others unless its strides divide its
    kernel, and may learn uneven weights even then. Here each pixel of the output is made by the same weights.

    **Source**: Odena, Dumoulin and Olah, 2016, "Deconvolution and checkerboard artifacts", Distill,
    doi:10.23915/distill.00003.

    **Differs from the paper**: no.

    Args:
        filters: number of output channels, at least 1.
        kernel_size: integer or pair.
        padding: "same" or "valid"; with "same" zeros surround the enlarged image, and the output is exactly `scale`
            times as large.
        interpolation: "nearest" (the article's advice) or "bilinear" (pixel centres at half integers, as in
            `keras.layers.UpSampling2D`).
        scale: how many times as large the image becomes, along both axes, at least 1.
        **kwargs: arguments of `keras.layers.Conv2D` (activation, use_bias, kernel_initializer, ...).

    Attributes:
        kernel: [height, width, c, filters].

    Call arguments:
        inputs: float tensor, 4-D.

    Input shape: (n, h, w, c).

    Output shape: (n, scale · h, scale · w, filters) with padding "same".

    **Cost**: a convolution at the larger size: scale² times that of a transposed convolution of the same
    `kernel_size`.

    **Combines badly with**: spectral normalisation read as a bound on the whole layer: nearest-neighbour
    enlargement lengthens its input by the factor `scale`.

    Example:

    >>> layer = tfgan_tricks.layers.UpsampleConv2D(8, 3, interpolation="bilinear")
    >>> tuple(layer(np.ones((2, 4, 4, 16), "float32")).shape)
    (2, 8, 8, 8)
    """

    def __init__(
        self, filters, kernel_size, padding="same", *, interpolation: str = "nearest", scale: int = 2, **kwargs
    ):
        check_choice("interpolation", interpolation, INTERPOLATIONS)
        check_integer("scale", scale, at_least=1)
        super().__init__(filters, kernel_size, padding=padding, **kwargs)
        self.interpolation = interpolation
        self.scale = scale

    def call(self, inputs):
        self.check_inputs(inputs.shape)
        return super().call(self.enlarge(inputs))  # [n, new h, new w, filters]

    def enlarge(self, inputs):
        """Returns the image that is convolved, [n, scale · h, scale · w, c]."""
        if self.interpolation == "nearest":
            return ops.repeat(ops.repeat(inputs, self.scale, axis=1), self.scale, axis=2)
        return stretch(stretch(inputs, self.scale, axis=1), self.scale, axis=2)

    def convolved_shape(self, shape) -> tuple:
        n, *sizes, channels = shape
        return (n, *(None if size is None else self.scale * size for size in sizes), channels)

    def compute_output_shape(self, input_shape):
        return super().compute_output_shape(self.convolved_shape(input_shape))

    def get_config(self):
        return {**super().get_config(), "interpolation": self.interpolation, "scale": self.scale}
