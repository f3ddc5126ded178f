"""Balanced consistency regularisation of the critic."""

import keras
from keras import ops

from tfgan_tricks.checks import check_range, check_type, explain
from tfgan_tricks.gradients import per_example_score
from tfgan_tricks.inputs import AdaptiveAugment, HistoryBuffer, InputTransform
from tfgan_tricks.losses.term import Term
from tfgan_tricks.types import Match


@keras.saving.register_keras_serializable("tfgan_tricks")
class ConsistencyRegularization(Term):
    """Asks the critic for the same score before and after an augmentation: bCR.

    (D(x) - D(T(x)))² + share · (D(G(z)) - D(T(G(z))))², T a random augmentation that keeps what the image means. Unlike
    an augmentation as input transform it cannot leak into the generated images, which are never augmented for the
    game itself.

    **Source**: Zhao et al., 2021, arXiv:2002.04724, section 3; on real images alone: Zhang et al., 2020,
    arXiv:1910.12027.

    **Differs from the paper**: no; the paper's λ_real is `weight`, and its λ_fake is `weight` · `fake_share`.

    Args:
        augment: `InputTransform` that keeps the shape of an image, such as an augmentation of `tfgan_tricks.inputs`.
        weight: λ_real, a number or a schedule in images seen.
        fake_share: λ_fake / λ_real, at least 0; 0 leaves generated images out (CR).
        every: lazy interval.
        name: name in the logs.

    Call arguments:
        match: the completed `Match` of the discriminator's update.

    Output shape: `call` returns one value per judged example, [n].

    **Cost**: one extra forward and backward pass of the critic on real images, and one on generated ones.

    **Combines badly with**: dropout in the critic and random input transforms, whose noise it punishes.

    Example:

    >>> term = tfgan_tricks.penalties.ConsistencyRegularization(tfgan_tricks.inputs.InstanceNoise(0.1))
    >>> term.name
    'consistency_regularization'
    """

    reads_only_logits = True

    def __init__(self, augment, weight=10.0, fake_share: float = 1.0, every: int = 1, name: str | None = None):
        fix = "pass an object such as tfgan_tricks.inputs.InstanceNoise(0.1)."
        check_type("augment", augment, InputTransform, fix)
        check_range("fake_share", fake_share, low=0.0)
        super().__init__(weight=weight, every=every, name=name)
        self.augment = augment
        self.fake_share = fake_share

    def check_partners(self, partners):
        merges = self.augment.group > 1
        still = isinstance(self.augment, AdaptiveAugment) and self.augment.initial_probability == 0.0  # it stays there
        if merges or still or isinstance(self.augment, HistoryBuffer):
            name = type(self.augment).__name__
            raise ValueError(
                explain(
                    f"ConsistencyRegularization has nothing to compare with {name}.",
                    received=f"augment={name}, which {'merges images' if merges else 'leaves images as they are here'}",
                    expected="a transform that changes each image for itself",
                    fix='pass DiffAugment("translation,cutout") or InstanceNoise(0.1).',
                )
            )

    def call(self, match: Match):
        value = self._distance(match, match.real, match.real_out)
        if self.fake_share:
            value += self.fake_share * self._distance(match, ops.stop_gradient(match.fake), match.fake_out)
        return value

    def _distance(self, match: Match, images, out):
        augmented = self.augment(images, training=True, images_seen=match.images_seen, seed=match.seed)
        return ops.square(per_example_score(out["logits"]) - per_example_score(match.judge(augmented)["logits"]))
