"""Trainings in which the game between the two players fails."""

from collections.abc import Callable

import keras

from benchmarks.doctor_lab.trial import BATCH, LOOK, Trial, small_gan
from tfgan_tricks.losses.adversarial import LeastSquares, Minimax, Wasserstein
from tfgan_tricks.penalties import WGANGP

Adam, SGD = keras.optimizers.Adam, keras.optimizers.SGD


def _with(
    generator: Callable = lambda: Adam(2e-4, 0.5, 0.99),
    discriminator: Callable = lambda: Adam(4e-4, 0.5, 0.99),
    terms: Callable = tuple,
    **settings,
) -> Callable[[int], keras.Model]:
    """Returns what builds a small GAN; what has a state comes as a function that makes it anew for each training."""
    return lambda seed: small_gan(
        seed, generator_optimizer=generator(), discriminator_optimizer=discriminator(), terms=terms(), **settings
    )


PROVOKED = (
    Trial(
        "a generator that hardly moves",
        "discriminator_won",
        _with(lambda: Adam(1e-7, 0.5), lambda: Adam(2e-3, 0.5)),
    ),
    Trial(
        "a critic that hardly moves",
        "generator_won",
        _with(lambda: Adam(1e-3, 0.5), lambda: Adam(1e-7, 0.5)),
    ),
    Trial(
        "a rate thousands of times too large",
        "gradient_explosion",
        _with(discriminator=lambda: SGD(5.0, 0.9), architecture="mlp"),
        steps=20,
        doctor={"every_images": BATCH},
    ),
    Trial(
        "a saturating loss and a critic far ahead",
        "vanishing_gradient",
        _with(lambda: Adam(1e-6, 0.5), lambda: Adam(5e-3, 0.5), architecture="mlp", loss=Minimax()),
    ),
    Trial(
        "ten times the rates, and much momentum",
        "oscillation",
        _with(lambda: Adam(2e-3, 0.95), lambda: Adam(2e-3, 0.95)),
        steps=720,
        doctor={"every_images": 2 * LOOK},  # a turn takes some ten times 20 steps
    ),
    Trial(
        "a generator of a thousandth the critic's rate",
        "rate_imbalance",
        _with(lambda: Adam(2e-6, 0.5), lambda: Adam(2e-3, 0.5), loss=LeastSquares()),
    ),
    Trial(
        "a critic whose rate is 0",
        "idle_player",
        _with(lambda: Adam(1e-3, 0.5), lambda: SGD(0.0)),
    ),
    Trial(
        "a Wasserstein critic without a constraint",
        "critic_curve",
        _with(discriminator=lambda: Adam(2e-3, 0.5), architecture="mlp", loss=Wasserstein()),
        steps=300,
    ),
    Trial(
        "a Wasserstein critic that cannot follow",
        "critic_curve",
        _with(
            lambda: Adam(1e-3, 0.5),
            lambda: Adam(1e-6, 0.5),
            terms=lambda: [WGANGP()],
            architecture="mlp",
            loss=Wasserstein(),
        ),
    ),
)
