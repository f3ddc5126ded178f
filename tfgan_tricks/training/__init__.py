"""Who moves when."""

from tfgan_tricks.training.averaging import ExponentialAveraging
from tfgan_tricks.training.gan import GAN

__all__ = ["GAN", "ExponentialAveraging"]
