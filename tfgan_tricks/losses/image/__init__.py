"""Terms that compare or smooth images."""

from tfgan_tricks.losses.image.charbonnier import Charbonnier
from tfgan_tricks.losses.image.multi_scale_ssim import MultiScaleSSIM
from tfgan_tricks.losses.image.perceptual import Perceptual
from tfgan_tricks.losses.image.ssim import SSIM
from tfgan_tricks.losses.image.style import Style
from tfgan_tricks.losses.image.total_variation import TotalVariation

__all__ = ["SSIM", "Charbonnier", "MultiScaleSSIM", "Perceptual", "Style", "TotalVariation"]
