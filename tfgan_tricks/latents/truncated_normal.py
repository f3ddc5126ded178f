"""Truncated Gaussian latents."""

import math

import keras
from keras import ops

from tfgan_tricks.checks import check_integer, check_range
from tfgan_tricks.latents.prior import Prior


@keras.saving.register_keras_serializable("tfgan_tricks")
class TruncatedNormal(Prior):
    """Standard Gaussian latents whose every entry is within a threshold: the truncation trick.

    A trained generator shown latents from a narrower range than it learned from gives images of more quality and less
    variety; the smaller the threshold, the more so. Also a prior to train with.

    The distribution is that of drawing each entry again until its absolute value is within the threshold, not that of
    clipping, which would pile up latents on the border.

    **Source**: Brock et al., 2019, arXiv:1809.11096, section 3.1.

    **Differs from the paper**: drawn through the inverse of the distribution function, in one go, instead of again and
    again; the distribution is the same.

    Args:
        dim: length of a latent, at least 1.
        threshold: largest absolute value of an entry, above 0.

    Output shape: [n, dim], float32.

    **Cost**: none.

    **Combines badly with**: generators that were not trained for it, which may answer with saturated images; orthogonal
    regularisation of the generator helps.

    Example:

    >>> latents = tfgan_tricks.latents.TruncatedNormal(128, threshold=0.5).sample(4, seed=0)
    >>> bool(abs(np.asarray(latents)).max() <= 0.5)
    True
    """

    def __init__(self, dim: int, threshold: float = 2.0):
        check_integer("dim", dim, at_least=1)
        check_range("threshold", threshold, low=0.0, low_open=True)
        self.dim = dim
        self.threshold = threshold

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.dim,)

    def sample(self, n, seed):
        mass = math.erf(self.threshold / math.sqrt(2.0))  # of a Gaussian within the threshold
        share = keras.random.uniform((n, self.dim), -mass, mass, dtype="float32", seed=seed)
        return ops.clip(math.sqrt(2.0) * ops.erfinv(share), -self.threshold, self.threshold)  # against rounding
