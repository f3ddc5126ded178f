"""Layers: what a network is made of."""

from tfgan_tricks.layers.always_on_dropout import AlwaysOnDropout
from tfgan_tricks.layers.minibatch_discrimination import MinibatchDiscrimination
from tfgan_tricks.layers.minibatch_std import MinibatchStd
from tfgan_tricks.layers.noise_injection import NoiseInjection
from tfgan_tricks.layers.spectral_norm_conv2d import SpectralNormConv2D
from tfgan_tricks.layers.spectral_norm_conv2d_transpose import SpectralNormConv2DTranspose
from tfgan_tricks.layers.spectral_norm_dense import SpectralNormDense

__all__ = [
    "AlwaysOnDropout",
    "MinibatchDiscrimination",
    "MinibatchStd",
    "NoiseInjection",
    "SpectralNormConv2D",
    "SpectralNormConv2DTranspose",
    "SpectralNormDense",
]
