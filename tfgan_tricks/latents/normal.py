"""Gaussian latents."""

import keras

from tfgan_tricks.checks import check_integer, check_range
from tfgan_tricks.latents.prior import Prior


@keras.saving.register_keras_serializable("tfgan_tricks")
class Normal(Prior):
    """Independent Gaussian latents: the default prior.

    Draws N(mean, stddev²) in each of `dim` coordinates. Interpolate such latents along great circles: most of
    their mass lies near the sphere of radius √dim.

    **Source**: White, 2016, arXiv:1609.04468, section 2 (a Gaussian prior with spherical interpolation).

    **Differs from the paper**: no.

    Args:
        dim: number of coordinates, at least 1.
        mean: mean of each coordinate.
        stddev: standard deviation of each coordinate, above 0.

    Output shape: `sample(n, seed)` returns (n, dim), float32.

    **Cost**: none.

    **Combines badly with**: linear interpolation between samples, which leaves the sphere.

    Example:

    >>> prior = tfgan_tricks.latents.Normal(128)
    >>> tuple(prior.sample(16, seed=1).shape)
    (16, 128)
    """

    def __init__(self, dim: int, mean: float = 0.0, stddev: float = 1.0):
        check_integer("dim", dim, at_least=1)
        check_range("stddev", stddev, low=0.0, low_open=True)
        self.dim = dim
        self.mean = mean
        self.stddev = stddev

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.dim,)

    def sample(self, n, seed):
        return keras.random.normal((n, self.dim), self.mean, self.stddev, dtype="float32", seed=seed)
