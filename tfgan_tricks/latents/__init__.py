"""Where a generator's noise comes from."""

from tfgan_tricks.latents.normal import Normal
from tfgan_tricks.latents.prior import Prior
from tfgan_tricks.latents.uniform import Uniform

__all__ = ["Normal", "Prior", "Uniform"]
