"""Where the weights of a layer start."""

from tfgan_tricks.initializers.icnr import ICNR
from tfgan_tricks.initializers.orthogonal_gain import OrthogonalGain

__all__ = ["ICNR", "OrthogonalGain"]
