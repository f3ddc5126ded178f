"""From files to batches: sources by URI, one transform, an order that is a pure function of (seed, position)."""

from tfgan_tricks.data.evaluation import arrays, describe
from tfgan_tricks.data.pipeline import load
from tfgan_tricks.data.pixels import to_float, to_uint8
from tfgan_tricks.data.source import Source
from tfgan_tricks.data.sources import open_source
from tfgan_tricks.data.stacked import stacked_digits
from tfgan_tricks.data.synthetic import GaussianMixture, grid, ring

__all__ = [
    "GaussianMixture",
    "Source",
    "arrays",
    "describe",
    "grid",
    "load",
    "open_source",
    "ring",
    "stacked_digits",
    "to_float",
    "to_uint8",
]
