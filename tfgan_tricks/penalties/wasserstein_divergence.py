"""WGAN-div: the penalty of the Wasserstein divergence."""

import keras
from keras import ops

from tfgan_tricks.checks import check_choice, check_range
from tfgan_tricks.gradients import squared_gradient_norm
from tfgan_tricks.penalties.gradient_penalty import GradientPenalty
from tfgan_tricks.types import Match

PLACES = ("both", "line")


@keras.saving.register_keras_serializable("tfgan_tricks")
class WassersteinDivergence(GradientPenalty):
    """A power of the critic's gradient norm that replaces the Lipschitz constraint: k·‖∇D(x̃)‖^p.

    Together with the `Wasserstein` loss it is a divergence between the two distributions for any critic, with no bound
    on its slope to be met.

    **Source**: Wu et al., 2018, arXiv:1712.01026, section 3.

    **Differs from the paper**: the expectation runs over real and generated images in equal parts by default, one of
    the choices that the paper compares; `where="line"` is another.

    Args:
        k: factor, a number or a schedule in images seen.
        p: exponent, at least 2.
        where: "both" for real and generated images in equal parts, "line" for points between them.
        every: lazy interval.
        name: name in the logs.

    Call arguments:
        match: the completed `Match` of the discriminator's update.

    Output shape: `call` returns one value per judged example, [n], without k.

    **Cost**: one extra forward and backward pass of the critic for "line", two for "both", and as many second backward
    passes.

    **Combines badly with**: other gradient penalties, which it replaces; batch normalisation in the critic.

    Example:

    >>> tfgan_tricks.penalties.WassersteinDivergence()
    WassersteinDivergence(k=2.0, p=6.0, where='both', every=1, name='wasserstein_divergence')
    """

    def __init__(self, k=2.0, p: float = 6.0, where: str = "both", every: int = 1, name: str | None = None):
        check_range("p", p, low=2.0)
        check_choice("where", where, PLACES)
        super().__init__("line", weight=k, every=every, name=name)
        self.k = k
        self.p = p
        self.where = where

    def call(self, match: Match):
        if self.where == "line":
            return self._power(match, self.points(match))
        real, fake = (self._power(match, ops.stop_gradient(images)) for images in (match.real, match.fake))
        return 0.5 * (real + fake)

    def _power(self, match: Match, points):
        # ‖∇D‖^p of the squared norm: at p >= 2 no root of zero is differentiated.
        return ops.power(squared_gradient_norm(match.judge, points), 0.5 * self.p)
