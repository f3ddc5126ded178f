"""What goes wrong in a training, and what a network does, seen from inside."""

from tfgan_tricks.diagnostics.attention_maps import attention_maps
from tfgan_tricks.diagnostics.attention_overlay import attention_overlay, save_attention_overlay
from tfgan_tricks.diagnostics.critic_curve import CriticCurve
from tfgan_tricks.diagnostics.detector import Detector
from tfgan_tricks.diagnostics.diagnosis import Episode, course, diagnose
from tfgan_tricks.diagnostics.discriminator_won import DiscriminatorWon
from tfgan_tricks.diagnostics.doctor import Doctor
from tfgan_tricks.diagnostics.finding import Finding, Remedy
from tfgan_tricks.diagnostics.generator_won import GeneratorWon
from tfgan_tricks.diagnostics.gradient_explosion import GradientExplosion
from tfgan_tricks.diagnostics.non_finite import NonFinite
from tfgan_tricks.diagnostics.oscillation import Oscillation
from tfgan_tricks.diagnostics.rate_imbalance import RateImbalance
from tfgan_tricks.diagnostics.signals import read_window
from tfgan_tricks.diagnostics.vanishing_gradient import VanishingGradient
from tfgan_tricks.diagnostics.window import Snapshot, Window

__all__ = [
    "CriticCurve",
    "Detector",
    "DiscriminatorWon",
    "Doctor",
    "Episode",
    "Finding",
    "GeneratorWon",
    "GradientExplosion",
    "NonFinite",
    "Oscillation",
    "RateImbalance",
    "Remedy",
    "Snapshot",
    "VanishingGradient",
    "Window",
    "attention_maps",
    "attention_overlay",
    "course",
    "diagnose",
    "read_window",
    "save_attention_overlay",
]
