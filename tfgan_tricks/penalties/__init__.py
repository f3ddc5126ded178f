"""Terms that keep the critic smooth, the weights small or near, and the game from going round in circles."""

from tfgan_tricks.penalties.consistency_regularization import ConsistencyRegularization
from tfgan_tricks.penalties.dragan import DRAGAN
from tfgan_tricks.penalties.gradient_penalty import GradientPenalty
from tfgan_tricks.penalties.historical_averaging import HistoricalAveraging
from tfgan_tricks.penalties.lecam import LeCam
from tfgan_tricks.penalties.orthogonal_regularization import OrthogonalRegularization
from tfgan_tricks.penalties.r1 import R1
from tfgan_tricks.penalties.r2 import R2
from tfgan_tricks.penalties.spectral_norm_regularization import SpectralNormRegularization
from tfgan_tricks.penalties.wasserstein_divergence import WassersteinDivergence
from tfgan_tricks.penalties.wgan_gp import WGANGP
from tfgan_tricks.penalties.zero_centered_gp import ZeroCenteredGP

__all__ = [
    "DRAGAN",
    "R1",
    "R2",
    "WGANGP",
    "ConsistencyRegularization",
    "GradientPenalty",
    "HistoricalAveraging",
    "LeCam",
    "OrthogonalRegularization",
    "SpectralNormRegularization",
    "WassersteinDivergence",
    "ZeroCenteredGP",
]
