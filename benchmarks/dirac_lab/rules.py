"""Who moves when: the library's update rules, with plain gradient descent for both players."""

from collections.abc import Callable

import keras

import tfgan_tricks as tt
from dirac_lab.game import STEP_SIZE, task


def alternating(parts: dict, step_size: float = STEP_SIZE, **options):
    """Returns a compiled GAN: the critic's updates, then the generator's."""
    return two_optimizers(tt.training.GAN(task()), parts, step_size, **options)


def unrolled(parts: dict, step_size: float = STEP_SIZE, unroll: int = 5):
    """Returns a compiled GAN whose generator foresees some critic steps."""
    return two_optimizers(tt.training.UnrolledGAN(task(), unroll=unroll), parts, step_size)


def one_stage(parts: dict, step_size: float = STEP_SIZE):
    """Returns a compiled GAN that moves both players at once, on one pass."""
    return two_optimizers(tt.training.OneStageGAN(task()), parts, step_size)


def single_loss(parts: dict, step_size: float = STEP_SIZE):
    """Returns a compiled GAN that moves both players at once, by one loss.

    Each player has an optimizer of its own here too. With one for both, TensorFlow 2.21 moved a player, in some steps
    of the linear Wasserstein game, before the other's gradient had read it (its dependency optimizer drops that edge).
    """
    gan = tt.training.SingleLossGAN(task())
    optimizers = (keras.optimizers.SGD(step_size) for _ in range(2))
    gan.compile(tt.training.two_time_scales(*optimizers), **parts)
    return gan


def two_optimizers(gan, parts: dict, step_size: float, **options):
    """Compiles a GAN that has an optimizer for each player."""
    generator, discriminator = (keras.optimizers.SGD(step_size) for _ in range(2))
    gan.compile(generator_optimizer=generator, discriminator_optimizer=discriminator, **parts, **options)
    return gan


# A further rule is a line: its name, and a function from the arguments of `compile` to a compiled model.
RULES: dict[str, Callable] = {
    "simultaneous": single_loss,
    "one-stage": one_stage,
    "alternating": alternating,
    "5 critic steps": lambda parts: alternating(parts, critic_steps=5),
    "unrolled, 5 steps": unrolled,
}
