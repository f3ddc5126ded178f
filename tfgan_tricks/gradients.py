"""The only inner gradient of the package: how a critic's score changes with the image it is shown."""

from collections.abc import Callable

import keras
from keras import ops

from tfgan_tricks.types import Outputs, Tensor


def per_example_score(logits) -> Tensor:
    """Returns one float32 score per example: the mean over its logits, summed over the scales of a list.

    The mean, not the sum, is what the losses use; so a penalty weighs the same for a critic with one logit and
    for one with a map of patches.
    """
    leaves = [ops.convert_to_tensor(leaf) for leaf in keras.tree.flatten(logits)]
    return sum(ops.cast(ops.mean(ops.reshape(o, (ops.shape(o)[0], -1)), axis=1), "float32") for o in leaves)  # [n]


def squared_gradient_norm(judge: Callable[[Tensor], Outputs], images: Tensor) -> Tensor:
    """Returns ‖∂ score / ∂ images‖² per judged example, over all pixels, in float32.

    A critic that judges packs of m images gives one score per pack; the norm then runs over the whole pack. The
    result is differentiable in the critic's weights, on each of Keras' backends.

    Args:
        judge: function from images to the critic's outputs, a dict with "logits".
        images: [n, ...].

    Returns:
        float32 tensor of shape [n], or [n / m] for a packing critic.
    """
    images = ops.cast(ops.convert_to_tensor(images), "float32")
    score, gradient = _BACKENDS[keras.backend.backend()](lambda x: per_example_score(judge(x)["logits"]), images)
    return ops.sum(ops.reshape(ops.square(gradient), (ops.shape(score)[0], -1)), axis=1)


# Each returns the scores [n / m] of the images, and the gradient of their sum, [n, ...].


def _by_tensorflow(score_of, images):
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(images)
        score = score_of(images)
    return score, tape.gradient(score, images, unconnected_gradients=tf.UnconnectedGradients.ZERO)


def _by_jax(score_of, images):
    import jax

    score, pull_back = jax.vjp(score_of, images)
    return score, pull_back(ops.ones_like(score))[0]


def _by_torch(score_of, images):
    import torch

    with torch.enable_grad():  # Keras evaluates without
        images = images if images.requires_grad else images.detach().requires_grad_()
        score = score_of(images)
        if not score.requires_grad:
            return score, torch.zeros_like(images)
        (gradient,) = torch.autograd.grad(score.sum(), images, create_graph=True, allow_unused=True)
    return score, torch.zeros_like(images) if gradient is None else gradient


_BACKENDS = {"tensorflow": _by_tensorflow, "jax": _by_jax, "torch": _by_torch}
