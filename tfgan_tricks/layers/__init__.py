"""Layers: what a network is made of."""

from tfgan_tricks.layers.always_on_dropout import AlwaysOnDropout
from tfgan_tricks.layers.blur_pool2d import BlurPool2D
from tfgan_tricks.layers.conditioning import (
    SPADE,
    AdaptiveInstanceNorm,
    ConditionalBatchNorm,
    ConditionalInstanceNorm,
    LabelChannel,
    LabelConcat,
    LabelModulation,
    Modulated,
    Modulation,
    ProjectionHead,
    SpatialModulation,
    StatisticsModulation,
    StyleModulation,
)
from tfgan_tricks.layers.downsample_conv2d import DownsampleConv2D
from tfgan_tricks.layers.equalized_conv2d import EqualizedConv2D
from tfgan_tricks.layers.equalized_dense import EqualizedDense
from tfgan_tricks.layers.fade_in import FadeIn
from tfgan_tricks.layers.gated_conv2d import GatedConv2D
from tfgan_tricks.layers.gated_conv2d_transpose import GatedConv2DTranspose
from tfgan_tricks.layers.minibatch_discrimination import MinibatchDiscrimination
from tfgan_tricks.layers.minibatch_std import MinibatchStd
from tfgan_tricks.layers.noise_injection import NoiseInjection
from tfgan_tricks.layers.normalization import (
    InstanceNorm,
    PixelNorm,
    SwitchableNorm,
    VirtualBatchNorm,
    adapt_virtual_batch_norms,
)
from tfgan_tricks.layers.partial_conv2d import PartialConv2D
from tfgan_tricks.layers.pixel_shuffle import PixelShuffle
from tfgan_tricks.layers.pixel_unshuffle import PixelUnshuffle
from tfgan_tricks.layers.self_attention_2d import SelfAttention, SelfAttention2D
from tfgan_tricks.layers.spectral_norm_conv2d import SpectralNormConv2D
from tfgan_tricks.layers.spectral_norm_conv2d_transpose import SpectralNormConv2DTranspose
from tfgan_tricks.layers.spectral_norm_dense import SpectralNormDense
from tfgan_tricks.layers.spectral_norm_embedding import SpectralNormEmbedding
from tfgan_tricks.layers.spectral_normalization import SpectralNormalization
from tfgan_tricks.layers.spectral_norms import spectral_norms
from tfgan_tricks.layers.upsample_conv2d import UpsampleConv2D
from tfgan_tricks.layers.weight_normalization import WeightNormalization

__all__ = [
    "SPADE",
    "AdaptiveInstanceNorm",
    "AlwaysOnDropout",
    "BlurPool2D",
    "ConditionalBatchNorm",
    "ConditionalInstanceNorm",
    "DownsampleConv2D",
    "EqualizedConv2D",
    "EqualizedDense",
    "FadeIn",
    "GatedConv2D",
    "GatedConv2DTranspose",
    "InstanceNorm",
    "LabelChannel",
    "LabelConcat",
    "LabelModulation",
    "MinibatchDiscrimination",
    "MinibatchStd",
    "Modulated",
    "Modulation",
    "NoiseInjection",
    "PartialConv2D",
    "PixelNorm",
    "PixelShuffle",
    "PixelUnshuffle",
    "ProjectionHead",
    "SelfAttention",
    "SelfAttention2D",
    "SpatialModulation",
    "SpectralNormConv2D",
    "SpectralNormConv2DTranspose",
    "SpectralNormDense",
    "SpectralNormEmbedding",
    "SpectralNormalization",
    "StatisticsModulation",
    "StyleModulation",
    "SwitchableNorm",
    "UpsampleConv2D",
    "VirtualBatchNorm",
    "WeightNormalization",
    "adapt_virtual_batch_norms",
    "spectral_norms",
]
