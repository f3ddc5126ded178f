"""What a one-stage update cannot do, and whether one backward pass through the critics is enough for it."""

import math

import keras
import numpy as np
import tensorflow as tf

from tfgan_tricks.checks import explain
from tfgan_tricks.inputs.input_transform import InputTransform, group_of
from tfgan_tricks.parts import Partners
from tfgan_tricks.randomness import SeedStream
from tfgan_tricks.training.judging import judge_of
from tfgan_tricks.types import Match

EXAMPLES = 4
UNKNOWN_SIZE = 32
# Powers of two change no digit of a gradient, and these let no share of another example go unseen, however small.
FACTORS = np.float32(2.0) ** (10 * np.arange(EXAMPLES))


def check_one_stage(partners: Partners) -> None:
    """Raises `ValueError` if the discriminator could not learn from the images that the generator is paid for."""
    recalling = [
        t for t in partners.inputs if isinstance(t, InputTransform) and type(t).recall is not InputTransform.recall
    ]
    if recalling:
        name = type(recalling[0]).__name__
        raise ValueError(
            explain(
                f"OneStageGAN cannot work with {name}.",
                received=f"{name} among the inputs, which shows the discriminator past images in place of new ones",
                expected="a discriminator that judges the very images that the generator learns from",
                fix=f"use training.GAN with {name}, or drop {name}.",
            )
        )
    if partners.critic_steps > 1:
        raise ValueError(
            explain(
                "OneStageGAN moves both players in each step.",
                received=f"critic_steps={partners.critic_steps}",
                expected="critic_steps=1",
                fix="use training.GAN, which alternates; or give the discriminator a higher learning rate.",
            )
        )


def reason_for_two_passes(gan) -> str | None:
    """Returns why one backward pass through the critics would not give the generator's gradient; `None` if it does."""
    for term in gan.terms:
        if not term.reads_only_logits:
            return f"{type(term).__name__} reads more of the critic's answers to generated images than the logits"
    layers = [layer for network in gan.networks_of("discriminator") for layer in network._flatten_layers()]
    if any(layer.compute_dtype == "float16" for layer in (*layers, *gan.input_transforms)):
        return "float16 cannot hold the small derivatives that one pass is rescaled by"
    for critic in gan.task.critics:
        try:
            reason = _probed(gan, critic)
        except Exception as error:  # any critic of any task may be here, and two passes are right for all
            reason = f"could not be tried out: {type(error).__name__}: {error}"
        if reason:
            return f"the critic '{critic}' {reason}"
    return None


def _probed(gan, critic: str) -> str | None:
    """Returns what a critic does that one backward pass cannot handle, as it shows on a few random images.

    The gradient of Σ fᵢ·logitᵢ in image i is fᵢ times that of Σ logitᵢ for all factors f if no logit depends on
    another one's image.
    """
    group, rng = group_of(gan.input_transforms), np.random.default_rng(0)
    images = _random(rng, (EXAMPLES * group, *gan.task.shape_before(critic)))
    network = getattr(gan.task, critic)
    condition = _condition(rng, network) if len(network.inputs) > 1 else None
    match = Match(real=images, fake=images, critic=critic, condition=condition)
    nets = {critic: _perturbed(rng, network)}
    judge = judge_of(gan, match, nets, SeedStream.from_integer(0), training=True, live=False)
    with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
        tape.watch(images)
        scales = keras.tree.flatten(judge(images)["logits"])
        if len(scales) != 1 or scales[0].shape[0] != EXAMPLES or math.prod(scales[0].shape) != EXAMPLES:
            return "gives an image more than one logit"
        logits = tf.reshape(scales[0], (-1,))
        sums = [tf.reduce_sum(factors * logits) for factors in (np.ones_like(FACTORS), FACTORS, FACTORS[::-1])]
    plain, *scaled = (tf.reshape(tape.gradient(value, images), (EXAMPLES, -1)).numpy() for value in sums)
    if not np.abs(plain).max(axis=1).all() or not np.isfinite([plain, *scaled]).all():
        return "has no usable gradient on random images"
    for factors, gradient in zip((FACTORS, FACTORS[::-1]), scaled, strict=True):
        expected = factors[:, None] * plain
        if (np.abs(gradient - expected).max(axis=1) > 0.05 * np.abs(expected).max(axis=1)).any():
            return "judges an image by others of its batch"
    return None


def _perturbed(rng, network: keras.Model):
    """Returns the network with noise on its weights, so that no part of it is cut off by a weight that starts at 0."""

    def noise(variable):
        if not keras.backend.is_float_dtype(variable.dtype):
            return 0
        shape = tuple(variable.shape)
        if not variable.trainable:
            return rng.uniform(0.0, 0.25, shape).astype("float32")  # a variance stays positive
        scale = 1.0 / math.sqrt(math.prod(shape[:-1])) if len(shape) > 1 else 0.1
        return (scale * rng.normal(size=shape)).astype("float32")

    def call(inputs, **arguments):
        values = (
            [v.value + noise(v) for v in vs] for vs in (network.trainable_variables, network.non_trainable_variables)
        )
        outputs, _ = network.stateless_call(*values, inputs, **arguments)
        return outputs

    return call


def _condition(rng, network: keras.Model):
    """Returns something to tell a critic: class 0, or random numbers."""
    _, given = network.inputs
    shape = (EXAMPLES, *given.shape[1:])
    return _random(rng, shape) if keras.backend.is_float_dtype(given.dtype) else tf.zeros(_known(shape), given.dtype)


def _random(rng, shape):
    return tf.constant(rng.uniform(-1.0, 1.0, _known(shape)).astype("float32"))


def _known(shape) -> tuple[int, ...]:
    return tuple(size or UNKNOWN_SIZE for size in shape)
