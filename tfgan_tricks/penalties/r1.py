"""R1: zero-centred gradient penalty on real images."""

import keras

from tfgan_tricks.penalties.gradient_penalty import GradientPenalty
from tfgan_tricks.schedules.schedule import check_schedule
from tfgan_tricks.types import Match


@keras.saving.register_keras_serializable("tfgan_tricks")
class R1(GradientPenalty):
    """Zero-centred gradient penalty on real images: (γ/2)·‖∇D(x)‖².

    Makes GAN training locally convergent where the unregularised game circles around its equilibrium. The ½ is
    part of the value; γ depends on the resolution and is worth tuning. `every=16` costs little and changes little.

    D(x) is the mean over the logits of an image, as in every penalty here; the scales of a list are added up.

    **Source**: Mescheder et al., 2018, arXiv:1801.04406, equation 9; the lazy form from Karras et al., 2020,
    arXiv:1912.04958, section 3.1.

    **Differs from the paper**: no.

    Args:
        gamma: γ, a number or a schedule in images seen.
        every: lazy interval k; the value is multiplied by k in the updates that compute it.
        name: name in the logs.

    Call arguments:
        match: the completed `Match` of the discriminator's update.

    Output shape: `call` returns one value per judged example, [n], without γ.

    **Cost**: one extra forward and backward pass of the critic on real images, and a second backward pass
    through both, in each k-th update.

    **Combines badly with**: `WGANGP`, whose target norm is 1, not 0; batch normalisation in the critic.

    Example:

    >>> tfgan_tricks.penalties.R1(gamma=1.0, every=16)
    R1(gamma=1.0, every=16, name='r1')
    """

    def __init__(self, gamma=10.0, every: int = 1, name: str | None = None):
        check_schedule("gamma", gamma, low=0.0)
        super().__init__("real", target=0.0, weight=gamma, every=every, name=name)
        self.gamma = gamma

    def call(self, match: Match):
        return 0.5 * super().call(match)
