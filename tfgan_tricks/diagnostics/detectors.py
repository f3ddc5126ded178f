"""All detectors there are, in the order in which a training is examined: data, breakdown, the game, the images."""

from tfgan_tricks.diagnostics.critic_curve import CriticCurve
from tfgan_tricks.diagnostics.detector import Detector
from tfgan_tricks.diagnostics.discriminator_won import DiscriminatorWon
from tfgan_tricks.diagnostics.generator_won import GeneratorWon
from tfgan_tricks.diagnostics.gradient_explosion import GradientExplosion
from tfgan_tricks.diagnostics.non_finite import NonFinite
from tfgan_tricks.diagnostics.oscillation import Oscillation
from tfgan_tricks.diagnostics.rate_imbalance import RateImbalance
from tfgan_tricks.diagnostics.vanishing_gradient import VanishingGradient

DETECTORS: tuple[type[Detector], ...] = (
    NonFinite,
    GradientExplosion,
    DiscriminatorWon,
    GeneratorWon,
    VanishingGradient,
    CriticCurve,
    Oscillation,
    RateImbalance,
)


def all_detectors() -> list[Detector]:
    """Returns one of each detector, with its default thresholds."""
    return [kind() for kind in DETECTORS]
