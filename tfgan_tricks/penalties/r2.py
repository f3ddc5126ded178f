"""R2: zero-centred gradient penalty on generated images."""

import keras

from tfgan_tricks.penalties.gradient_penalty import GradientPenalty
from tfgan_tricks.schedules.schedule import check_schedule
from tfgan_tricks.types import Match


@keras.saving.register_keras_serializable("tfgan_tricks")
class R2(GradientPenalty):
    """Zero-centred gradient penalty on generated images: (γ/2)·‖∇D(G(z))‖².

    `R1`'s counterpart. Alone it converges locally like `R1`; together they also flatten the critic where the generator
    has strayed from the data, which a relativistic loss without any normalisation layer needs (R3GAN).

    D(x) is the mean over the logits of an image, as in every penalty here; the scales of a list are added up.

    **Source**: Mescheder et al., 2018, arXiv:1801.04406, equation 10; both together: Huang et al., 2024,
    arXiv:2501.05441, section 2.

    **Differs from the paper**: no.

    Args:
        gamma: γ, a number or a schedule in images seen.
        every: lazy interval k; the value is multiplied by k in the updates that compute it.
        name: name in the logs.

    Call arguments:
        match: the completed `Match` of the discriminator's update.

    Output shape: `call` returns one value per judged example, [n], without γ.

    **Cost**: one extra forward and backward pass of the critic on generated images, and a second backward pass through
    both, in each k-th update.

    **Combines badly with**: `WGANGP`, whose target norm is 1, not 0; batch normalisation in the critic.

    Example:

    >>> tfgan_tricks.penalties.R2(gamma=1.0)
    R2(gamma=1.0, every=1, name='r2')
    """

    def __init__(self, gamma=10.0, every: int = 1, name: str | None = None):
        check_schedule("gamma", gamma, low=0.0)
        super().__init__("fake", target=0.0, weight=gamma, every=every, name=name)
        self.gamma = gamma

    def call(self, match: Match):
        return 0.5 * super().call(match)
