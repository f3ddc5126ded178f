"""Orthogonal start, scaled for the activation that follows."""

import math
from numbers import Real

import keras
from keras import ops

from tfgan_tricks.checks import check_choice, check_range

# 1/√E[φ(z)²] with z ~ N(0, 1). φ(z) = max(z, 0) keeps half of the second moment of z; the others by integration.
GAINS = {
    "linear": 1.0,
    "relu": math.sqrt(2.0),
    "tanh": 1.5925374,
    "elu": 1.2451983,
    "selu": 1.0,
    "gelu": 1.5335304,
    "silu": 1.6765325,
}
NAMES = (*GAINS, "leaky_relu")


@keras.saving.register_keras_serializable("tfgan_tricks")
class OrthogonalGain(keras.initializers.Orthogonal):
    """Starts a kernel as an orthogonal matrix times the gain that its activation calls for.

    BigGAN starts all layers orthogonal. It adds to `keras.initializers.Orthogonal`, which takes a number, the gain
    from the name of the activation: 1/√E[φ(z)²] with z ~ N(0, 1), which keeps the mean square of the signal from
    layer to layer. It is √2 for ReLU and √(2 / (1 + s²)) for a leaky ReLU of slope s. The matrix is found in float32
    also for half-precision weights; Keras' own fails for bfloat16.

    The matrix of a convolution is [height · width · inputs, filters]. Its columns are orthogonal and as long as the
    gain if it has at least as many rows as columns, its rows otherwise.

    **Source**: Saxe et al., 2013, arXiv:1312.6120 (orthogonal start); He et al., 2015, arXiv:1502.01852, equations 10
    and 15 (gain of the rectifiers); Brock et al., 2018, arXiv:1809.11096 (use in a GAN).

    **Differs from the paper**: BigGAN has gain 1, the default here. The gain of He et al. belongs to independent
    weights, and is applied to an orthogonal matrix here. PyTorch's `calculate_gain` has 5/3 for tanh; pass the number
    to have it.

    Args:
        gain: a number above 0, or the name of the activation behind the layer: "linear", "relu", "leaky_relu", "tanh",
            "elu", "selu", "gelu" or "silu".
        negative_slope: slope of "leaky_relu" below 0, at least 0; the others do not use it.
        seed: integer or `keras.random.SeedGenerator`.

    Call arguments:
        shape: shape of the kernel, at least 2-D.
        dtype: of the weights, float32 unless Keras is configured otherwise.

    Output shape: `shape`.

    **Cost**: one QR decomposition of the matrix, once.

    **Combines badly with**: spectral normalisation and weight normalisation, which undo the gain;
    `Conv2DTranspose`, whose kernel has the inputs on its last axis, so that another matrix is orthogonal.

    Example:

    >>> start = tfgan_tricks.initializers.OrthogonalGain("relu", seed=0)
    >>> matrix = np.reshape(start((3, 3, 4, 8)), (36, 8))
    >>> bool(np.allclose(matrix.T @ matrix, 2.0 * np.eye(8), atol=1e-5))
    True
    """

    def __init__(self, gain: float | str = 1.0, negative_slope: float = 0.2, seed=None):
        if isinstance(gain, Real):
            check_range("gain", gain, low=0.0, low_open=True, high=math.inf, high_open=True)
        else:
            check_choice("gain", gain, NAMES)
        check_range("negative_slope", negative_slope, low=0.0, high=math.inf, high_open=True)
        super().__init__(gain=gain, seed=seed)
        self.negative_slope = negative_slope

    @property
    def factor(self) -> float:
        """The gain as a number."""
        if isinstance(self.gain, Real):
            return float(self.gain)
        return math.sqrt(2.0 / (1.0 + self.negative_slope**2)) if self.gain == "leaky_relu" else GAINS[self.gain]

    def __call__(self, shape, dtype=None):
        dtype = keras.backend.standardize_dtype(dtype)
        matrix_dtype = keras.backend.result_type(dtype, "float32")
        orthogonal = keras.initializers.Orthogonal(self.factor, seed=self.seed)
        return ops.cast(orthogonal(shape, matrix_dtype), dtype)

    def get_config(self):
        return {**super().get_config(), "negative_slope": self.negative_slope}
