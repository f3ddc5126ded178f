"""BigGAN's orthogonal regularisation."""

import keras
from keras import ops

from tfgan_tricks.checks import check_choice
from tfgan_tricks.losses.term import Term
from tfgan_tricks.penalties.kernels import as_matrix, kernels_of
from tfgan_tricks.types import PLAYERS, Match, Player


@keras.saving.register_keras_serializable("tfgan_tricks")
class OrthogonalRegularization(Term):
    """Pulls the filters of each layer towards being orthogonal to each other: Σ ‖WᵀW ⊙ (1 - I)‖² over the kernels.

    W has one column per output. The diagonal, the filters' lengths, is left free. In the generator it makes a model
    amenable to the truncation trick: samples stay sharp when the latents are drawn from a narrower distribution.

    **Source**: Brock et al., 2019, arXiv:1809.11096, equation 3.

    **Differs from the paper**: no; kernels that are normalised by a layer enter as they are stored.

    Args:
        weight: β, a number or a schedule in images seen.
        player: whose kernels: "generator", as in the paper, or "discriminator".
        every: lazy interval.
        name: name in the logs.

    Call arguments:
        match: the completed `Match`; only the networks that `prepare` found are read.

    Output shape: `call` returns a scalar, the sum over all kernels.

    **Cost**: one product WᵀW per kernel; nothing that grows with the batch.

    **Combines badly with**: layers with more outputs than inputs, whose filters cannot all be orthogonal.

    Example:

    >>> tfgan_tricks.penalties.OrthogonalRegularization()
    OrthogonalRegularization(weight=0.0001, player='generator', every=1, name='orthogonal_regularization')
    """

    reads_fake = False
    reads_only_logits = True

    def __init__(self, weight=1e-4, player: Player = "generator", every: int = 1, name: str | None = None):
        check_choice("player", player, PLAYERS)
        self.player = player  # first: the base asks for `players`
        super().__init__(weight=weight, every=every, name=name)
        self._kernels: list = []

    @property
    def players(self) -> tuple[Player, ...]:  # type: ignore[override]
        """The one whose kernels are read."""
        return (self.player,)

    def prepare(self, task):
        self._kernels = kernels_of(task.networks_of(self.player))

    def call(self, match: Match):
        total = ops.zeros((), "float32")
        for kernel, axes in self._kernels:
            matrix = as_matrix(kernel, axes)
            products = ops.matmul(ops.transpose(matrix), matrix)  # [outputs, outputs]
            total += ops.sum(ops.square(products * (1.0 - ops.eye(matrix.shape[1], dtype="float32"))))
        return total
