"""Zero-centred gradient penalty between real and generated images."""

import keras

from tfgan_tricks.penalties.gradient_penalty import GradientPenalty


@keras.saving.register_keras_serializable("tfgan_tricks")
class ZeroCenteredGP(GradientPenalty):
    """Pulls the critic's gradient to 0 on lines between real and generated images: ‖∇D(x̂)‖².

    Meant for generalisation: it keeps the critic from growing steep around single training images, where `R1` and
    `R2`, which look at the images themselves, let it.

    **Source**: Thanh-Tung et al., 2019, arXiv:1902.03984.

    **Differs from the paper**: the lines are drawn in image space only; the paper's best variant walks between latent
    codes of real and generated images, for which an encoder would be needed.

    Args:
        weight: λ, a number or a schedule in images seen.
        every: lazy interval.
        name: name in the logs.

    Call arguments:
        match: the completed `Match` of the discriminator's update.

    Output shape: `call` returns one value per judged example, [n], without λ.

    **Cost**: one extra forward and backward pass of the critic, and a second backward pass through both.

    **Combines badly with**: `WGANGP`, whose target norm is 1, not 0; batch normalisation in the critic.

    Example:

    >>> tfgan_tricks.penalties.ZeroCenteredGP()
    ZeroCenteredGP(weight=100.0, every=1, name='zero_centered_gp')
    """

    def __init__(self, weight=100.0, every: int = 1, name: str | None = None):
        super().__init__("line", target=0.0, weight=weight, every=every, name=name or "zero_centered_gp")
