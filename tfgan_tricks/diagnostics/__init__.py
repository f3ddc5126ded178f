"""What goes wrong in a training, and what a network does, seen from inside."""

from tfgan_tricks.diagnostics.attention_maps import attention_maps
from tfgan_tricks.diagnostics.attention_overlay import attention_overlay, save_attention_overlay
from tfgan_tricks.diagnostics.averaging_lag import AveragingLag
from tfgan_tricks.diagnostics.batch_norm_drift import BatchNormDrift
from tfgan_tricks.diagnostics.checkerboard import Checkerboard
from tfgan_tricks.diagnostics.critic_curve import CriticCurve
from tfgan_tricks.diagnostics.data_problems import DataProblems
from tfgan_tricks.diagnostics.dead_units import DeadUnits
from tfgan_tricks.diagnostics.detector import Detector
from tfgan_tricks.diagnostics.diagnosis import Episode, course, diagnose
from tfgan_tricks.diagnostics.discriminator_won import DiscriminatorWon
from tfgan_tricks.diagnostics.doctor import Doctor
from tfgan_tricks.diagnostics.finding import Finding, Remedy
from tfgan_tricks.diagnostics.generator_won import GeneratorWon
from tfgan_tricks.diagnostics.gradient_explosion import GradientExplosion
from tfgan_tricks.diagnostics.idle_player import IdlePlayer
from tfgan_tricks.diagnostics.memorisation import Memorisation
from tfgan_tricks.diagnostics.mode_collapse import ModeCollapse
from tfgan_tricks.diagnostics.non_finite import NonFinite
from tfgan_tricks.diagnostics.oscillation import Oscillation
from tfgan_tricks.diagnostics.rate_imbalance import RateImbalance
from tfgan_tricks.diagnostics.saturated_outputs import SaturatedOutputs
from tfgan_tricks.diagnostics.signals import read_window
from tfgan_tricks.diagnostics.spectral_explosion import SpectralExplosion
from tfgan_tricks.diagnostics.vanishing_gradient import VanishingGradient
from tfgan_tricks.diagnostics.window import Snapshot, Window

__all__ = [
    "AveragingLag",
    "BatchNormDrift",
    "Checkerboard",
    "CriticCurve",
    "DataProblems",
    "DeadUnits",
    "Detector",
    "DiscriminatorWon",
    "Doctor",
    "Episode",
    "Finding",
    "GeneratorWon",
    "GradientExplosion",
    "IdlePlayer",
    "Memorisation",
    "ModeCollapse",
    "NonFinite",
    "Oscillation",
    "RateImbalance",
    "Remedy",
    "SaturatedOutputs",
    "Snapshot",
    "SpectralExplosion",
    "VanishingGradient",
    "Window",
    "attention_maps",
    "attention_overlay",
    "course",
    "diagnose",
    "read_window",
    "save_attention_overlay",
]
