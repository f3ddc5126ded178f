"""Down-sampling by a low-pass, then a convolution."""

import keras
from keras import ops

from tfgan_tricks.checks import check_choice, check_integer
from tfgan_tricks.layers.blur_pool2d import box_power, low_pass
from tfgan_tricks.layers.image_convolution import ImageConvolution, check_images, check_window

METHODS = ("average", "blur")


@keras.saving.register_keras_serializable("tfgan_tricks")
class DownsampleConv2D(ImageConvolution, keras.layers.Conv2D):
    """Convolution of a reduced image, in place of a strided convolution: no checkerboards in the gradient.

    The gradient of a strided convolution is a transposed one, and reaches some pixels of the input by more weights
    than others; a discriminator that is made of them teaches the generator this pattern. Here all pixels count alike.

    "average" takes the mean of each `scale` × `scale` block. "blur" takes that mean twice over, a triangle of
    2 · `scale` − 1 taps along each axis, around every `scale`-th pixel: at scale 2, `BlurPool2D(3)`. It aliases less.

    **Source**: Odena, Dumoulin and Olah, 2016, "Deconvolution and checkerboard artifacts", Distill,
    doi:10.23915/distill.00003; the blur: Zhang, 2019, arXiv:1904.11486.

    **Differs from the paper**: the article resizes in the generator and names the discriminator's gradient as the
    same problem; Zhang blurs after the convolution. For that order put `BlurPool2D` or
    `keras.layers.AveragePooling2D` after a `Conv2D`.

    Args:
        filters: number of output channels, at least 1.
        kernel_size: integer or pair.
        padding: "same" or "valid", of the convolution; with "same" zeros surround the reduced image.
        method: "average" or "blur". At the borders the first takes the mean of the pixels that there are, the second
            reflects the image.
        scale: how many times as small the image becomes, along both axes, at least 1.
        **kwargs: arguments of `keras.layers.Conv2D` (activation, use_bias, kernel_initializer, ...).

    Attributes:
        kernel: [height, width, c, filters].

    Call arguments:
        inputs: float tensor, 4-D.

    Input shape: (n, h, w, c).

    Output shape: (n, ⌈h/scale⌉, ⌈w/scale⌉, filters) with padding "same".

    **Cost**: that of a strided convolution, and one pass over the input for the low-pass.

    **Combines badly with**: a first layer on small images: detail is averaged out before any weight sees it.

    Example:

    >>> layer = tfgan_tricks.layers.DownsampleConv2D(8, 3, method="blur")
    >>> tuple(layer(np.ones((2, 16, 16, 4), "float32")).shape)
    (2, 8, 8, 8)
    """

    def __init__(self, filters, kernel_size, padding="same", *, method: str = "average", scale: int = 2, **kwargs):
        check_choice("method", method, METHODS)
        check_integer("scale", scale, at_least=1)
        super().__init__(filters, kernel_size, padding=padding, **kwargs)
        self.method = method
        self.scale = scale

    def call(self, inputs):
        self.check_inputs(inputs.shape)
        return super().call(self.reduce(inputs))  # [n, new h, new w, filters]

    def reduce(self, inputs):
        """Returns the image that is convolved, [n, ⌈h/scale⌉, ⌈w/scale⌉, c]."""
        if self.method == "average":
            return ops.average_pool(inputs, self.scale, self.scale, padding="same", data_format="channels_last")
        return low_pass(inputs, box_power(self.scale, 2), self.scale, "reflect")

    def check_inputs(self, shape) -> None:
        check_images("DownsampleConv2D", shape)
        if self.method == "blur":
            needed = (self.scale, self.scale)
            check_window("DownsampleConv2D", shape, needed, "pass larger images, a smaller scale or method='average'.")
        super().check_inputs(shape)

    def convolved_shape(self, shape) -> tuple:
        n, *sizes, channels = shape
        return (n, *(None if size is None else -(-size // self.scale) for size in sizes), channels)

    def compute_output_shape(self, input_shape):
        return super().compute_output_shape(self.convolved_shape(input_shape))

    def get_config(self):
        return {**super().get_config(), "method": self.method, "scale": self.scale}
