"""The engine behind every penalty on the critic's input gradient."""

import keras
from keras import ops

from tfgan_tricks.checks import check_choice, check_range
from tfgan_tricks.gradients import squared_gradient_norm
from tfgan_tricks.losses.term import Term
from tfgan_tricks.schedules.schedule import check_schedule
from tfgan_tricks.types import Match

# Inside the root, where it keeps the derivative of the norm finite at a zero gradient.
EPSILON = 1e-12
POINTS = ("real", "fake", "line")


@keras.saving.register_keras_serializable("tfgan_tricks")
class GradientPenalty(Term):
    """Pulls the norm of the critic's input gradient to a target: (‖∇D(x)‖ - target)².

    The engine that `R1` and `WGANGP` are thin files on; use it directly for a combination that has no name. The
    critic's score of an example is the mean over its logits (summed over the scales of a list), and the norm runs over
    all its pixels. With `target=0` no root is taken, so the gradient is exact at ∇D = 0.

    **Source**: Gulrajani et al., 2017, arXiv:1704.00028, equation 3; Mescheder et al., 2018, arXiv:1801.04406,
    equation 9.

    **Differs from the paper**: 1e-12 is added inside the root when a target is given.

    Args:
        where: the points to penalise at: "real", "fake", or "line" (uniform between each real and fake image).
        target: wanted norm, at least 0.
        one_sided: whether to penalise norms above the target only.
        weight: factor, a number or a schedule in images seen.
        every: lazy interval.
        name: name in the logs.

    Call arguments:
        match: the completed `Match` of the discriminator's update.

    Output shape: `call` returns one value per judged example, [n]; calling the term returns its weighted mean.

    **Cost**: one extra forward and backward pass of the critic, and a second backward pass through both.

    **Combines badly with**: batch normalisation in the critic, which ties the gradients of a batch together.

    Example:

    >>> penalty = tfgan_tricks.penalties.GradientPenalty("line", target=1.0, one_sided=True, weight=10.0)
    >>> penalty.name
    'gradient_penalty'
    """

    players = ("discriminator",)
    reads_only_logits = True

    def __init__(self, where: str, target: float = 0.0, one_sided: bool = False, weight=1.0, every=1, name=None):
        check_choice("where", where, POINTS)
        check_range("target", target, low=0.0)
        check_schedule("weight", weight, low=0.0)
        super().__init__(weight=weight, every=every, name=name)
        self.where = where
        self.target = target
        self.one_sided = one_sided

    def points(self, match: Match):
        """Returns the images to take the gradient at, [n, ...], without gradient of their own."""
        if self.where == "real":
            return ops.stop_gradient(match.real)
        if self.where == "fake":
            return ops.stop_gradient(match.fake)
        shape = (ops.shape(match.real)[0] // match.group, *(1,) * (len(match.real.shape) - 1))
        share = keras.random.uniform(shape, dtype="float32", seed=match.seed)  # [n / m, 1, 1, 1]
        share = ops.repeat(share, match.group, axis=0)  # [n, 1, 1, 1]: a pack is one point, on one line
        real, fake = ops.cast(match.real, "float32"), ops.cast(match.fake, "float32")
        return ops.stop_gradient(share * real + (1.0 - share) * fake)

    def call(self, match: Match):
        squared = squared_gradient_norm(match.judge, self.points(match))
        if self.target == 0.0:
            return squared
        excess = ops.sqrt(squared + EPSILON) - self.target
        return ops.square(ops.relu(excess) if self.one_sided else excess)
