"""A game whose gradient keeps its place beside the other terms."""

import keras
from keras import ops

from tfgan_tricks.checks import check_range, check_type, explain
from tfgan_tricks.losses.adversarial.adversarial_loss import AdversarialLoss
from tfgan_tricks.losses.adversarial.wrapped_loss import WrappedLoss
from tfgan_tricks.replicas import gather_batch


@keras.saving.register_keras_serializable("tfgan_tricks")
class GradientRatio(WrappedLoss):
    """Keeps the game's gradient in the generated images at a share of that of the generator's other terms.

    Where an image is known, the game should add details and never dominate. With a, the gradient in the generated
    images through the critic, and b, that of the terms which read the images themselves, the generator gets

        b + a · share · ‖b‖ / ‖a‖

    in each update, so no weight needs tuning as the critic grows sharper. The norms run over the whole batch, that of
    all replicas together. Values and logs are the base's; the discriminator's update is untouched.

    What comes through the critic counts as the game: `FeatureMatching`, `Classification`, `MutualInformation` and
    `PullingAway` too. What does not come through `match.fake` is left alone: `CycleConsistency` and `Identity`, which
    read other images, and penalties on weights. So there must be a term such as `Reconstruction` or `Perceptual`. If
    a task has several matches, the balance is kept in each of them by itself.

    **Source**: a practitioners' rule without a paper of its own, "the GAN loss must never dominate"; the same ratio, at
    the generator's last layer and as a weight: Esser et al., 2020, arXiv:2012.09841, equation 7.

    **Differs from the paper**: gradients in the images, not in the last layer's weights, so that no second backward
    pass is needed; the share is exact, where the paper's 10⁻⁶ in the denominator bounds it.

    Args:
        base: the `AdversarialLoss` to be kept in its place.
        share: norm of the game's gradient over that of the terms', above 0.

    Call arguments:
        real: logits on real images.
        fake: logits on generated images.
        seed: where the base takes its random numbers from.

    Input shape: the base's.

    Output shape: the base's.

    **Cost**: two norms of an image batch in the generator's backward pass.

    **Combines badly with**: lazy terms: in updates without a term the game has no gradient either; a game without
    generator terms, which it refuses; a critic that has learned nothing yet, whose small gradient is blown up.

    Example:

    >>> adversarial = tfgan_tricks.losses.adversarial
    >>> loss = adversarial.GradientRatio(adversarial.Hinge(), share=0.1)
    >>> float(loss.generator(fake=np.array([2.0]))["fake"][0])  # the value is the base's
    -2.0
    """

    def __init__(self, base, share: float = 0.1):
        check_type("base", base, AdversarialLoss, "pass an adversarial loss such as NonSaturating().")
        check_range("share", share, low=0.0, low_open=True)
        inner = base
        while isinstance(inner, WrappedLoss):
            if isinstance(inner, GradientRatio):
                raise ValueError(
                    explain(
                        "The gradients are balanced already.",
                        received=f"GradientRatio over {base!r}",
                        expected="a base without a GradientRatio in it",
                        fix="keep one of them.",
                    )
                )
            inner = inner.base
        super().__init__(base)
        self.share = share
        self.pairwise = base.pairwise

    def split(self, fake):
        return _balanced(ops.convert_to_tensor(fake), self.share)

    def check_partners(self, partners) -> None:
        super().check_partners(partners)
        terms = [term for term in partners.terms if "generator" in term.players]
        if not any(term.reads_fake for term in terms):
            names = ", ".join(type(term).__name__ for term in terms) or "no term"
            raise ValueError(
                explain(
                    f"GradientRatio has nothing to compare the gradient of {type(self.base).__name__} with.",
                    received=f"{names} among the terms of the generator",
                    expected="a generator's term that reads the generated images themselves",
                    fix="add one, such as Reconstruction() or Perceptual(), or drop GradientRatio.",
                )
            )


def _balanced(fake, share: float):
    """Returns the images twice; on their way back the gradients are added, the first one rescaled."""

    @ops.custom_gradient
    def twice(images):
        def gradient(*arguments, upstream=None):
            # PyTorch passes the gradient by name, after the images. One output, as PyTorch's form allows no more.
            both = arguments[-1] if upstream is None else upstream  # [2, n, h, w, c]
            return combined(both[0], both[1], share)

        return ops.stack([images, images]), gradient

    both = twice(fake)
    return both[0], both[1]


def combined(adversarial, other, share: float):
    """Returns b + a · share · ‖b‖ / ‖a‖; b alone where a is 0. Numbers that are not finite stay so."""
    largest, mantissa = _norm(adversarial)
    largest_other, mantissa_other = _norm(other)
    unit = ops.where(largest == 0.0, 0.0, ops.cast(adversarial, "float32") / _nonzero(largest))
    weight = share * largest_other * (mantissa_other / _nonzero(mantissa))
    return ops.cast(ops.cast(other, "float32") + unit * weight, adversarial.dtype)


def _norm(gradient):
    """Returns a norm over all replicas as a product, its largest entry and the norm in units of that.

    The square of a small gradient would be 0 in float32, and that of a large one infinite.
    """
    gradient = ops.abs(ops.cast(gradient, "float32"))
    largest = ops.max(gather_batch(ops.max(gradient)[None])[0])
    own = ops.sum(ops.square(gradient / _nonzero(largest)))
    return largest, ops.sqrt(ops.sum(gather_batch(own[None])[0]))


def _nonzero(value):
    """Returns 1 in place of 0."""
    return ops.where(value == 0.0, 1.0, value)
