"""Advice on who moves when: update rules beside losses and optimizers."""

from collections.abc import Iterator

from tfgan_tricks.configuration.advice import Advice, games_of
from tfgan_tricks.losses.adversarial import Wasserstein
from tfgan_tricks.penalties import GradientPenalty
from tfgan_tricks.training import OneStageGAN, SingleLossGAN, UnrolledGAN, VirtualSGD


def simultaneous_without_damping(gan) -> Iterator[Advice]:
    """A linear game spirals outwards when both players move at once."""
    damped = any(isinstance(term, GradientPenalty) and term.target == 0.0 for term in gan.terms)
    linear = any(isinstance(game, Wasserstein) for game in games_of(gan))
    if isinstance(gan, OneStageGAN | SingleLossGAN) and linear and not damped:
        yield Advice(
            (type(gan).__name__, repr(gan.adversarial_loss)),
            "where both players move at once, each step leads away from the equilibrium of this game.",
            "Add R1() or another penalty with target 0, or let the players alternate: GAN.",
            "Mescheder et al., 2018, arXiv:1801.04406, section 3; docs/dirac_gan.md",
        )


def virtual_descent_beside_adam(gan) -> Iterator[Advice]:
    """The rate of an adaptive optimizer is no rate for plain descent."""
    if not isinstance(gan, UnrolledGAN) or not isinstance(gan.virtual_optimizer, VirtualSGD):
        return
    optimizer = getattr(gan.discriminator_optimizer, "inner_optimizer", gan.discriminator_optimizer)
    if gan.looks_ahead and gan.virtual_optimizer.learning_rate is None and hasattr(optimizer, "beta_1"):
        yield Advice(
            (f"UnrolledGAN(virtual_optimizer={gan.virtual_optimizer!r})", f"{type(optimizer).__name__} for the critic"),
            "the length of its steps is about its rate, whatever the gradient's; plain descent at that rate hardly"
            " moves the critic, so the generator foresees nothing.",
            'Pass virtual_optimizer="adam", or VirtualSGD(learning_rate=...) with a rate of its own.',
            "Kingma and Ba, 2015, arXiv:1412.6980, section 2.1",
        )
