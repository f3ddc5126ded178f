"""The only inner gradient of the package: how a critic's score changes with the image it is shown."""

from collections.abc import Callable

import keras
import tensorflow as tf

from tfgan_tricks.types import Outputs, Tensor


def per_example_score(logits) -> Tensor:
    """Returns one float32 score per example: the mean over its logits, summed over the scales of a list.

    The mean, not the sum, is what the losses use; so a penalty weighs the same for a critic with one logit and
    for one with a map of patches.
    """
    scores = [tf.cast(tf.reduce_mean(tf.reshape(o, (tf.shape(o)[0], -1)), axis=1), tf.float32) for o in _flat(logits)]
    return tf.add_n(scores)  # [n]


def squared_gradient_norm(judge: Callable[[Tensor], Outputs], images: Tensor) -> Tensor:
    """Returns ‖∂ score / ∂ images‖² per judged example, over all pixels, in float32.

    A critic that judges packs of m images gives one score per pack; the norm then runs over the whole pack. The
    result is differentiable in the critic's weights.

    Args:
        judge: function from images to the critic's outputs, a dict with "logits".
        images: [n, ...].

    Returns:
        float32 tensor of shape [n], or [n / m] for a packing critic.
    """
    images = tf.cast(images, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(images)
        score = per_example_score(judge(images)["logits"])  # [n / m]
    gradient = tape.gradient(score, images, unconnected_gradients=tf.UnconnectedGradients.ZERO)  # [n, ...]
    return tf.reduce_sum(tf.reshape(tf.square(gradient), (tf.shape(score)[0], -1)), axis=1)


def _flat(logits) -> list[Tensor]:
    return [tf.convert_to_tensor(leaf) for leaf in keras.tree.flatten(logits)]
