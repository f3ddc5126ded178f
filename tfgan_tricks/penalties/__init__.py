"""Terms that keep the critic smooth."""

from tfgan_tricks.penalties.gradient_penalty import GradientPenalty
from tfgan_tricks.penalties.r1 import R1
from tfgan_tricks.penalties.wgan_gp import WGANGP

__all__ = ["R1", "WGANGP", "GradientPenalty"]
