"""Batch normalisation with a scale and an offset per position, from a semantic map."""

import keras

from tfgan_tricks.checks import check_range
from tfgan_tricks.layers.conditioning.modulated import Modulated
from tfgan_tricks.layers.conditioning.spatial_modulation import SpatialModulation


@keras.saving.register_keras_serializable("tfgan_tricks")
class SPADE(Modulated):
    """Spatially-adaptive normalisation: scale and offset at each position come from a semantic map.

    For generators of images from label maps: the map enters at every norm, at the size of its features, instead of
    once at the input, where the norms would wash it out. y = γ(m) · x̂ + β(m), with x̂ normalised over the batch. It is
    `Modulated(keras.layers.BatchNormalization(...), SpatialModulation(hidden, kernel_size))`; make that pair yourself
    for another norm, or for `synchronized=True`.

    **Source**: Park et al., 2019, arXiv:1903.07291, equation 1 and appendix A.

    **Differs from the paper**: statistics are of one replica's batch; the paper's are synchronised. γ is the factor
    itself, as in equation 1, with a bias that starts at one; the authors' code has 1 + γ, which starts alike.

    Args:
        hidden: channels between the map and γ, β, at least 1.
        kernel_size: side of the three kernels in pixels, at least 1.
        momentum: of the moving statistics, in [0, 1]: the share that they keep in a training call.
        epsilon: added to the variance, above 0.
        **kwargs: arguments of `keras.layers.Layer`.

    Call arguments:
        inputs: list [x, map]; the map is float, e.g. one channel per class, one-hot, of any size.
        training: whether x is normalised by its own statistics, which also move the moving ones, or by the latter.

    Input shape: [(n, h, w, channels), (n, map h, map w, map channels)].

    Output shape: that of x.

    **Cost**: a batch normalisation, and kernel_size² · hidden · (map channels + 2 · channels) multiplications per
    position of x.

    **Combines badly with**: small batches; replicas, which each normalise by their own part of the batch and keep
    moving statistics of their own, the first of which are saved.

    Example:

    >>> layer = tt.layers.SPADE(hidden=16)
    >>> semantic = np.eye(3, dtype="float32")[np.arange(2 * 32 * 32).reshape((2, 32, 32)) % 3]
    >>> layer([np.ones((2, 8, 8, 4), "float32"), semantic]).shape
    TensorShape([2, 8, 8, 4])
    """

    def __init__(
        self, hidden: int = 128, kernel_size: int = 3, momentum: float = 0.99, epsilon: float = 1e-3, **kwargs
    ):
        check_range("momentum", momentum, low=0.0, high=1.0)
        check_range("epsilon", epsilon, low=0.0, low_open=True)
        dtype = kwargs.get("dtype")
        norm = keras.layers.BatchNormalization(
            momentum=momentum, epsilon=epsilon, center=False, scale=False, dtype=dtype
        )
        super().__init__(norm, SpatialModulation(hidden, kernel_size, dtype=dtype), **kwargs)
        self.hidden = hidden
        self.kernel_size = kernel_size
        self.momentum = momentum
        self.epsilon = epsilon

    def get_config(self):
        names = ("hidden", "kernel_size", "momentum", "epsilon")  # these say what norm and modulation are
        return {**keras.layers.Layer.get_config(self), **{name: getattr(self, name) for name in names}}
