"""Latents on a sphere."""

import math

import keras
from keras import ops

from tfgan_tricks.checks import check_integer
from tfgan_tricks.latents.prior import Prior


@keras.saving.register_keras_serializable("tfgan_tricks")
class Hypersphere(Prior):
    """Latents uniform on the sphere of radius √dim.

    In many dimensions a Gaussian lies almost entirely near this sphere anyway. On the sphere itself, every point of a
    great circle between two latents is as likely as its ends, so that nothing on the way is unknown to the generator.

    **Source**: White, 2016, arXiv:1609.04468, section 2.

    **Differs from the paper**: the radius is that of a Gaussian's typical length, so that networks tuned to `Normal`
    see latents of the size that they expect.

    Args:
        dim: length of a latent, at least 2.

    Output shape: [n, dim], float32; every latent has the length √dim.

    **Cost**: none.

    **Combines badly with**: straight lines between latents, which leave the sphere; use `slerp`.

    Example:

    >>> latents = tfgan_tricks.latents.Hypersphere(16).sample(3, seed=0)
    >>> np.linalg.norm(latents, axis=1).round(4).tolist()
    [4.0, 4.0, 4.0]
    """

    def __init__(self, dim: int):
        check_integer("dim", dim, at_least=2)
        self.dim = dim

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.dim,)

    def sample(self, n, seed):
        points = keras.random.normal((n, self.dim), dtype="float32", seed=seed)
        return math.sqrt(self.dim) * points / ops.norm(points, axis=1, keepdims=True)
