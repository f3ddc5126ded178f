"""How one backward pass through a critic serves two losses."""

from collections.abc import Sequence

import tensorflow as tf

from tfgan_tricks.types import Tensor

# What stands in for a derivative of 0: a share of the largest one, which is lost in the rounding of the discriminator's
# gradient. It scales the gradient in the images by a power of two and back, so nothing is lost there, as long as that
# stays within the range of float32: hence the floor.
SHARE, FLOOR = 2.0**-40, 2.0**-60


def sent_back(own: Sequence[Tensor], wanted: Sequence[Tensor]) -> tuple[list[Tensor], Tensor]:
    """Returns what is sent back from a critic's logits, nowhere 0 where the generator's derivative is not.

    That is the discriminator's derivative, or a tiny number where it vanishes, as the hinge's does beyond the margin.
    If it vanishes for all images, the generator's own derivative is sent back.

    Args:
        own: derivatives of the discriminator's loss in the logits of each match.
        wanted: those of the generator's loss.

    Returns:
        what is sent back, and whether the discriminator's derivatives vanish altogether, so that what arrives at the
        critic's weights is none of its gradient.
    """
    largest_own, largest_wanted = (tf.reduce_max([tf.reduce_max(tf.abs(d)) for d in side]) for side in (own, wanted))
    vanishes = tf.equal(largest_own, 0.0)
    least = tf.maximum(SHARE * largest_own, FLOOR * largest_wanted)

    def guarded(one, other):
        tiny = tf.where(one < 0.0, -least, least)
        return tf.where(vanishes, other, tf.where(tf.abs(one) < least, tiny, one))

    return [guarded(one, other) for one, other in zip(own, wanted, strict=True)], vanishes


def rescaled(gradient: Tensor, sent: Tensor, wanted: Tensor, group: int) -> Tensor:
    """Returns the generator's gradient in the images, given the one that arrived there.

    Args:
        gradient: what arrived at the images, [n, ...].
        sent: what was sent back from the logits, one per image, or per pack of `group` images.
        wanted: what the generator would have sent.
        group: how many images were judged together.
    """
    nothing = tf.equal(wanted, 0.0)
    ratio = tf.where(nothing, 0.0, wanted / tf.where(nothing, 1.0, sent))
    ratio = tf.repeat(tf.reshape(ratio, (-1,)), group)  # [n]
    ratio = tf.reshape(ratio, (-1, *(1,) * (len(gradient.shape) - 1)))  # [n, 1, 1, 1]
    return tf.cast(ratio, gradient.dtype) * gradient


def unless(vanishes: Tensor | None, gradient: Tensor | None) -> Tensor | None:
    """Returns a gradient in weights, or 0 in its place."""
    if gradient is None or vanishes is None:
        return gradient
    gradient = tf.convert_to_tensor(gradient)  # an embedding's is a list of rows
    return tf.where(vanishes, tf.zeros_like(gradient), gradient)


def added(one: Tensor | None, other: Tensor | None) -> Tensor | None:
    """Returns the sum of two gradients, either of which may be missing."""
    if one is None or other is None:
        return other if one is None else one
    return tf.add_n([one, other])
