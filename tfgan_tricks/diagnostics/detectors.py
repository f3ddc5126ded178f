"""All detectors there are, in the order in which a training is examined: data, breakdown, the game, the images."""

from tfgan_tricks.diagnostics.averaging_lag import AveragingLag
from tfgan_tricks.diagnostics.batch_norm_drift import BatchNormDrift
from tfgan_tricks.diagnostics.checkerboard import Checkerboard
from tfgan_tricks.diagnostics.critic_curve import CriticCurve
from tfgan_tricks.diagnostics.data_problems import DataProblems
from tfgan_tricks.diagnostics.dead_units import DeadUnits
from tfgan_tricks.diagnostics.detector import Detector
from tfgan_tricks.diagnostics.discriminator_won import DiscriminatorWon
from tfgan_tricks.diagnostics.generator_won import GeneratorWon
from tfgan_tricks.diagnostics.gradient_explosion import GradientExplosion
from tfgan_tricks.diagnostics.idle_player import IdlePlayer
from tfgan_tricks.diagnostics.memorisation import Memorisation
from tfgan_tricks.diagnostics.mode_collapse import ModeCollapse
from tfgan_tricks.diagnostics.non_finite import NonFinite
from tfgan_tricks.diagnostics.oscillation import Oscillation
from tfgan_tricks.diagnostics.rate_imbalance import RateImbalance
from tfgan_tricks.diagnostics.saturated_outputs import SaturatedOutputs
from tfgan_tricks.diagnostics.spectral_explosion import SpectralExplosion
from tfgan_tricks.diagnostics.vanishing_gradient import VanishingGradient

DETECTORS: tuple[type[Detector], ...] = (
    DataProblems,
    NonFinite,
    GradientExplosion,
    IdlePlayer,
    DiscriminatorWon,
    GeneratorWon,
    VanishingGradient,
    CriticCurve,
    Oscillation,
    RateImbalance,
    SpectralExplosion,
    DeadUnits,
    BatchNormDrift,
    AveragingLag,
    SaturatedOutputs,
    ModeCollapse,
    Memorisation,
    Checkerboard,
)


def all_detectors() -> list[Detector]:
    """Returns one of each detector, with its default thresholds."""
    return [kind() for kind in DETECTORS]
