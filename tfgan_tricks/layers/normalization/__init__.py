"""Normalisation layers that Keras does not have; its own batch, layer and group normalisation are used as they are.

All normalise in float32 under mixed precision, with epsilon inside the root, and differ in where mean and variance
come from. Those with `center=False, scale=False` have no trained scale and offset, for a modulation that follows.
"""

from tfgan_tricks.layers.normalization.adapt_virtual_batch_norms import adapt_virtual_batch_norms
from tfgan_tricks.layers.normalization.instance_norm import InstanceNorm
from tfgan_tricks.layers.normalization.pixel_norm import PixelNorm
from tfgan_tricks.layers.normalization.switchable_norm import SwitchableNorm
from tfgan_tricks.layers.normalization.virtual_batch_norm import VirtualBatchNorm

__all__ = ["InstanceNorm", "PixelNorm", "SwitchableNorm", "VirtualBatchNorm", "adapt_virtual_batch_norms"]
