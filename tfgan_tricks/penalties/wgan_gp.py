"""WGAN-GP: gradient norm 1 between real and generated images."""

import keras

from tfgan_tricks.penalties.gradient_penalty import GradientPenalty


@keras.saving.register_keras_serializable("tfgan_tricks")
class WGANGP(GradientPenalty):
    """Pulls the critic's gradient norm to 1 on lines between real and generated images.

    (‖∇D(x̂)‖ - 1)² with x̂ = εx + (1 - ε)G(z), ε uniform per example: the soft form of the Lipschitz constraint that
    the Wasserstein loss needs.

    **Source**: Gulrajani et al., 2017, arXiv:1704.00028, equation 3; the one-sided form from section 4.

    **Differs from the paper**: 1e-12 inside the root keeps the gradient finite where ∇D = 0.

    Args:
        weight: λ, a number or a schedule in images seen.
        target: wanted gradient norm, at least 0.
        one_sided: whether to penalise norms above the target only.
        every: lazy interval.
        name: name in the logs.

    Call arguments:
        match: the completed `Match` of the discriminator's update.

    Output shape: `call` returns one value per judged example, [n], without λ.

    **Cost**: one extra forward and backward pass of the critic, and a second backward pass through both.

    **Combines badly with**: batch normalisation in the critic (the paper uses layer normalisation); `R1`.

    Example:

    >>> tfgan_tricks.penalties.WGANGP(weight=10.0, one_sided=True)
    WGANGP(weight=10.0, target=1.0, one_sided=True, every=1, name='wgan_gp')
    """

    def __init__(self, weight=10.0, target: float = 1.0, one_sided: bool = False, every: int = 1, name=None):
        super().__init__("line", target, one_sided, weight=weight, every=every, name=name or "wgan_gp")
