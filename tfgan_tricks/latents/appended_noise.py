"""A prior with noise appended."""

import keras
from keras import ops

from tfgan_tricks.checks import check_integer, check_range, check_type
from tfgan_tricks.latents.prior import Prior
from tfgan_tricks.randomness import stream_of


@keras.saving.register_keras_serializable("tfgan_tricks")
class AppendedNoise(Prior):
    """Latents of another prior with a little independent noise appended: Z = (Z̃, ε).

    For a base that does not fill its space, such as a few classes or features of the data: the noise gives the
    generator something to tell apart images that share one Z̃.

    **Source**: a practitioners' trick without a paper of its own; code and noise side by side, as in Chen et al., 2016,
    arXiv:1606.03657, section 3.

    **Differs from the paper**: no. ε is concatenated, not added, and its variance is `stddev`².

    Args:
        base: `Prior` of Z̃, of vectors.
        dim: length of ε, at least 1.
        stddev: standard deviation of ε; the default gives a variance of 0.01.

    Output shape: [n, base dim + dim], float32.

    **Cost**: none.

    **Combines badly with**: nothing known.

    Example:

    >>> prior = tfgan_tricks.latents.AppendedNoise(tfgan_tricks.latents.Categorical(10), dim=6)
    >>> tuple(prior.sample(4, seed=0).shape)
    (4, 16)
    """

    def __init__(self, base: Prior, dim: int, stddev: float = 0.1):
        check_type("base", base, Prior, "pass a prior such as tfgan_tricks.latents.Categorical(10).")
        check_integer("dim", dim, at_least=1)
        check_range("stddev", stddev, low=0.0)
        self.base = base
        self.dim = dim
        self.stddev = stddev

    @property
    def needs_label(self) -> bool:
        return self.base.needs_label

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.base.shape[0] + self.dim,)

    def sample(self, n, seed, **label):
        seed = stream_of(seed)
        base = self.base.sample(n, seed, **label)
        noise = keras.random.normal((n, self.dim), stddev=self.stddev, dtype="float32", seed=seed)
        return ops.concatenate([base, noise], axis=1)
