"""What the convolutions of images share: their sizes and inputs are checked, and refused in the library's form."""

from numbers import Integral

import keras

from tfgan_tricks.checks import check_integer, explain


def check_sizes(argument: str, value) -> None:
    """Raises `ValueError` unless `value` is a positive integer or a pair of them."""
    pair = list(value) if isinstance(value, list | tuple) else [value, value]
    whole = all(isinstance(size, Integral) and not isinstance(size, bool) and int(size) >= 1 for size in pair)
    if len(pair) != 2 or not whole:
        raise ValueError(
            explain(
                f"`{argument}` must be a positive integer or a pair of them.",
                received=f"{argument}={value!r}",
                expected="an integer >= 1, or (height, width) of such",
                fix=f"pass for instance {argument}=3 or {argument}=(3, 3).",
            )
        )


def check_images(layer: str, shape, channels: int | None = None) -> None:
    """Raises `ValueError` unless `shape` is that of images [n, h, w, c] with a known number of channels."""
    shape = tuple(shape)
    if len(shape) != 4 or shape[-1] is None:
        raise ValueError(
            explain(
                f"{layer} works on images.",
                received=f"an input of shape {shape}",
                expected="a 4-D tensor, (n, h, w, c) with channels last and a known number of channels",
                fix="add the missing axis, e.g. `x[None]` for a single image or `x[..., None]` for grey images.",
            )
        )
    if channels is not None and shape[-1] != channels:
        raise ValueError(
            explain(
                f"{layer} was built for another number of channels.",
                received=f"an input of shape {shape}",
                expected=f"{channels} channels, on the last axis",
                fix="make a new layer, or bring the input to these channels.",
            )
        )


def check_window(layer: str, shape, needed: tuple[int, int], fix: str) -> None:
    """Raises `ValueError` if a known height or width of `shape` is below what is `needed`."""
    sizes = tuple(shape)[1:3]
    if any(size is not None and size < least for size, least in zip(sizes, needed, strict=True)):
        raise ValueError(
            explain(
                f"The image is too small for {layer}.",
                received=f"an input of shape {tuple(shape)}",
                expected=f"height and width of at least {needed}",
                fix=fix,
            )
        )


def refuse(layer: str, what: str, expected: str, fix: str):
    """Raises `ValueError` for an argument of the Keras layer that does not go with this one."""
    raise ValueError(explain(f"{layer} does not take {what}.", received=what, expected=expected, fix=fix))


class ImageConvolution(keras.layers.Layer):
    """Checks what a convolution is made with and called on; a layer derives from it before its Keras class.

    Keras checks the same, but does not say what to do; so its `input_spec` is put aside.

    Args:
        filters: number of output channels, at least 1.
        kernel_size: positive integer or pair.
        strides: positive integer or pair.
        *args: further positional arguments of the Keras layer.
        **kwargs: arguments of the Keras layer.
    """

    def __init__(self, filters, kernel_size, strides=(1, 1), *args, **kwargs):
        check_integer("filters", filters, at_least=1)
        check_sizes("kernel_size", kernel_size)
        check_sizes("strides", strides)
        super().__init__(filters, kernel_size, strides, *args, **kwargs)
        if self.data_format != "channels_last":
            fix = "transpose the images to (n, h, w, c)."
            refuse(type(self).__name__, f"data_format={self.data_format!r}", "'channels_last'", fix)
        self.input_spec = None
        self.input_channels = None

    def build(self, input_shape):
        self.check_inputs(input_shape)
        super().build(input_shape)
        self.input_spec = None
        self.input_channels = input_shape[-1]

    def check_inputs(self, shape) -> None:
        """Raises `ValueError` unless the layer can be called on images of this shape."""
        name = type(self).__name__
        check_images(name, shape, self.input_channels)
        if self.padding == "valid" and not isinstance(self, keras.layers.Conv2DTranspose):
            window = [1 + d * (k - 1) for d, k in zip(self.dilation_rate, self.kernel_size, strict=True)]
            fix = "pass larger images, a smaller kernel_size or padding='same'."
            check_window(name, self.convolved_shape(shape), (window[0], window[1]), fix)

    def convolved_shape(self, shape) -> tuple:
        """Returns the shape of what the kernel is applied to, from that of the input."""
        return tuple(shape)
