"""Yoshida and Miyato's regularisation by the spectral norm."""

import keras
from keras import ops

from tfgan_tricks.layers.spectral_norm import bilinear, dominant_vector, power_iteration, unit
from tfgan_tricks.losses.term import Term
from tfgan_tricks.penalties.kernels import as_matrix, kernels_of
from tfgan_tricks.types import Match

EPSILON = 1e-12


@keras.saving.register_keras_serializable("tfgan_tricks")
class SpectralNormRegularization(Term):
    """Penalises the largest singular value of each of the critic's kernels: ½ Σ σ(W)².

    A penalty, not spectral normalisation: the kernels keep their own scale, which is only pulled down. σ ≈ ũᵀWṽ, as in
    the `SpectralNorm` layers, with ũ moved by one power iteration after each discriminator update and saved with the
    GAN. The gradient of ½σ² is σ·ũṽᵀ.

    **Source**: Yoshida and Miyato, 2017, arXiv:1705.10941, section 3.

    **Differs from the paper**: ũ starts as the exact dominant vector of the initial kernel instead of at random, and is
    moved after the update instead of before it.

    Args:
        weight: λ, a number or a schedule in images seen.
        every: lazy interval.
        name: name in the logs.

    Call arguments:
        match: the completed `Match`; only the networks that `prepare` found are read.

    Output shape: `call` returns a scalar, the sum over all kernels.

    **Cost**: four products of each kernel with a vector; nothing that grows with the batch.

    **Combines badly with**: the `SpectralNorm` layers, whose output does not depend on the kernel's scale.

    Example:

    >>> tfgan_tricks.penalties.SpectralNormRegularization(weight=0.01)
    SpectralNormRegularization(weight=0.01, every=1, name='spectral_norm_regularization')
    """

    reads_only_logits = True

    def __init__(self, weight=0.01, every: int = 1, name: str | None = None):
        super().__init__(weight=weight, every=every, name=name)
        self._kernels: list = []
        self._vectors: list[keras.Variable] = []

    @property
    def variables(self):
        return self._vectors

    def prepare(self, task):
        self._kernels = kernels_of(task.networks_of("discriminator"))
        self._vectors = [
            keras.Variable(
                dominant_vector(as_matrix(kernel, axes)),
                dtype="float32",
                trainable=False,
                aggregation="only_first_replica",
                name=f"u_{index}",
            )
            for index, (kernel, axes) in enumerate(self._kernels)
        ]

    def call(self, match: Match):
        total = ops.zeros((), "float32")
        for (kernel, axes), vector in zip(self._kernels, self._vectors, strict=True):
            matrix, u = as_matrix(kernel, axes), ops.convert_to_tensor(vector)
            v = unit(ops.matmul(ops.stop_gradient(matrix), u), EPSILON)
            total += 0.5 * ops.square(bilinear(matrix, u, v))
        return total

    def observe(self, match: Match):
        if match.player == "discriminator":
            for (kernel, axes), vector in zip(self._kernels, self._vectors, strict=True):
                u, _ = power_iteration(as_matrix(kernel, axes), ops.convert_to_tensor(vector), 1, EPSILON)
                vector.assign(u)
