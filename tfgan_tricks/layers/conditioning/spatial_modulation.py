"""Scale and offset per position, from a map."""

import keras
from keras import ops

from tfgan_tricks.checks import check_integer, explain
from tfgan_tricks.layers.conditioning.modulation import Modulation
from tfgan_tricks.layers.conditioning.pairs import check_rank, split_pair


@keras.saving.register_keras_serializable("tfgan_tricks")
class SpatialModulation(Modulation):
    """A scale and an offset per position and channel, two convolutions of a map, for `Modulated`.

    For generators whose input is a semantic map: a norm would wash its flat regions out, this puts them back at every
    layer and size. `SPADE` is this over a batch normalisation.

    The map is resized to the size of x by nearest neighbour, then s = relu(conv(map)), γ = conv(s), β = conv(s). The
    bias of γ starts at one. Position i of the resized map is position ⌊i · map size / x size⌋ of the map.

    **Source**: Park et al., 2019, arXiv:1903.07291, equation 1 and appendix A.

    **Differs from the paper**: γ is the factor itself, as in equation 1, with a bias that starts at one; the authors'
    code has a factor 1 + γ with a bias that starts at zero. Both start, train and represent the same, but for weight
    decay on the bias. Kernels start as Glorot's.

    Args:
        hidden: channels of the hidden layer that both convolutions share, at least 1.
        kernel_size: side of the three kernels in pixels, at least 1.
        **kwargs: arguments of `keras.layers.Layer`.

    Attributes:
        to_hidden: convolution with ReLU from the map to the hidden layer.
        to_scale: convolution from the hidden layer to the scale.
        to_offset: convolution from the hidden layer to the offset.

    Call arguments:
        inputs: list [x, map]; the map is float, e.g. one channel per class, one-hot.

    Input shape: [(n, h, w, channels), (n, map h, map w, map channels)].

    Output shape: a pair of (n, h, w, channels).

    **Cost**: kernel_size² · hidden · (map channels + 2 · channels) multiplications per position of x.

    **Combines badly with**: maps whose thin regions vanish when they are resized by nearest neighbour.

    Example:

    >>> modulation = tt.layers.SpatialModulation(hidden=16)
    >>> scale, offset = modulation([np.ones((1, 4, 4, 5), "float32"), np.ones((1, 16, 16, 3), "float32")])
    >>> scale.shape
    TensorShape([1, 4, 4, 5])
    """

    def __init__(self, hidden: int = 128, kernel_size: int = 3, **kwargs):
        check_integer("hidden", hidden, at_least=1)
        check_integer("kernel_size", kernel_size, at_least=1)
        super().__init__(**kwargs)
        self.hidden = hidden
        self.kernel_size = kernel_size

    def build(self, input_shape):
        x_shape, map_shape = split_pair(self, input_shape)
        check_rank(self, "x", x_shape, 4, "images, (n, h, w, channels)", "for other ranks use StyleModulation.")
        fix = "a map of class numbers becomes one by keras.ops.one_hot(numbers, classes)."
        check_rank(self, "map", map_shape, 4, "(n, h, w, channels), with a known number of channels", fix)
        self.to_hidden = self._convolution("to_hidden", self.hidden, activation="relu")
        self.to_scale = self._convolution("to_scale", x_shape[-1], bias_initializer="ones")
        self.to_offset = self._convolution("to_offset", x_shape[-1])
        self.to_hidden.build((*x_shape[:-1], map_shape[-1]))
        for layer in (self.to_scale, self.to_offset):
            layer.build((*x_shape[:-1], self.hidden))
        super().build(input_shape)

    def _convolution(self, name: str, filters: int, **arguments) -> keras.layers.Conv2D:
        return keras.layers.Conv2D(
            filters, self.kernel_size, padding="same", name=name, dtype=self.dtype_policy, **arguments
        )

    def call(self, inputs, training=False):
        x, maps = inputs
        self._refuse_integers(maps)
        hidden = self.to_hidden(resize_nearest(maps, x))  # [n, h, w, hidden]
        return self.to_scale(hidden), self.to_offset(hidden)  # [n, h, w, c]

    def _refuse_integers(self, maps) -> None:
        dtype = keras.backend.standardize_dtype(maps.dtype)
        if not keras.backend.is_float_dtype(dtype):
            raise ValueError(
                explain(
                    f"{type(self).__name__} needs a map of floats; class numbers have no order to convolve.",
                    received=f"a map of type {dtype}",
                    expected="a float tensor, e.g. one-hot",
                    fix='keras.ops.one_hot(numbers, classes), or keras.ops.cast(map, "float32") if it is one-hot.',
                )
            )

    def compute_output_shape(self, input_shape):
        x_shape, _ = split_pair(self, input_shape)
        return x_shape, x_shape

    def get_config(self):
        return {**super().get_config(), "hidden": self.hidden, "kernel_size": self.kernel_size}


def resize_nearest(maps, x):
    """Returns maps at the height and width of x, by nearest neighbour.

    By index arithmetic, because the backends' own resizing does not agree on which neighbour is the nearest.
    """
    for axis in (1, 2):
        if maps.shape[axis] is None or maps.shape[axis] != x.shape[axis]:
            old, new = ops.shape(maps)[axis], ops.shape(x)[axis]
            maps = ops.take(maps, ops.arange(new, dtype="int32") * old // new, axis=axis)
    return maps  # [n, h, w, map channels]
