"""Layers: what a network is made of."""

from tfgan_tricks.layers.spectral_norm_conv2d import SpectralNormConv2D
from tfgan_tricks.layers.spectral_norm_conv2d_transpose import SpectralNormConv2DTranspose
from tfgan_tricks.layers.spectral_norm_dense import SpectralNormDense

__all__ = ["SpectralNormConv2D", "SpectralNormConv2DTranspose", "SpectralNormDense"]
