"""Who moves when."""

from tfgan_tricks.training.averaging import ExponentialAveraging
from tfgan_tricks.training.gan import GAN
from tfgan_tricks.training.stages import Stage, StagedTraining

__all__ = ["GAN", "ExponentialAveraging", "Stage", "StagedTraining"]
