"""DRAGAN: gradient norm 1 in a neighbourhood of the real images."""

import keras
from keras import ops

from tfgan_tricks.penalties.gradient_penalty import GradientPenalty
from tfgan_tricks.types import Match


@keras.saving.register_keras_serializable("tfgan_tricks")
class DRAGAN(GradientPenalty):
    """Pulls the critic's gradient norm to 1 around real images: (‖∇D(x + δ)‖ - 1)².

    δ = ½ · std · u with u uniform in [0, 1), drawn for each pixel, where std is that of all values in the batch. Mode
    collapse goes along with sharp gradients around some real images; this keeps the critic from having them, without
    asking anything of the generated images.

    **Source**: Kodali et al., 2017, arXiv:1705.07215, section 2.3 and the authors' choice of the perturbation.

    **Differs from the paper**: 1e-12 inside the root keeps the gradient finite where ∇D = 0. The noise is not cut off
    at the images' range, which would gather the points of bright images on its border. Under replicas, std is that of
    a replica's own images.

    Args:
        weight: λ, a number or a schedule in images seen.
        every: lazy interval.
        name: name in the logs.

    Call arguments:
        match: the completed `Match` of the discriminator's update.

    Output shape: `call` returns one value per judged example, [n], without λ.

    **Cost**: one extra forward and backward pass of the critic, and a second backward pass through both.

    **Combines badly with**: `R1` and `R2`, whose target norm is 0; batch normalisation in the critic.

    Example:

    >>> tfgan_tricks.penalties.DRAGAN()
    DRAGAN(weight=10.0, every=1, name='dragan')
    """

    def __init__(self, weight=10.0, every: int = 1, name: str | None = None):
        super().__init__("real", target=1.0, weight=weight, every=every, name=name)

    def points(self, match: Match):
        real = ops.cast(super().points(match), "float32")
        noise = keras.random.uniform(ops.shape(real), dtype="float32", seed=match.seed)
        return real + 0.5 * ops.std(real) * noise
