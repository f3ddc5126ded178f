"""Uniform latents."""

import keras

from tfgan_tricks.checks import check_integer, check_range
from tfgan_tricks.latents.prior import Prior


@keras.saving.register_keras_serializable("tfgan_tricks")
class Uniform(Prior):
    """Independent uniform latents in [low, high): DCGAN's and PacGAN's choice.

    **Source**: Radford et al., 2016, arXiv:1511.06434, section 4 (a 100-dimensional uniform distribution).

    **Differs from the paper**: no.

    Args:
        dim: number of coordinates, at least 1.
        low: lower end, included.
        high: upper end, excluded; above `low`.

    Output shape: `sample(n, seed)` returns (n, dim), float32.

    **Cost**: none.

    **Combines badly with**: spherical interpolation, which leaves the cube.

    Example:

    >>> latents = tfgan_tricks.latents.Uniform(100).sample(16, seed=1)
    >>> bool(keras.ops.all(keras.ops.abs(latents) <= 1))
    True
    """

    def __init__(self, dim: int, low: float = -1.0, high: float = 1.0):
        check_integer("dim", dim, at_least=1)
        check_range("high", high, low=low, low_open=True)
        self.dim = dim
        self.low = low
        self.high = high

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.dim,)

    def sample(self, n, seed):
        return keras.random.uniform((n, self.dim), self.low, self.high, dtype="float32", seed=seed)
