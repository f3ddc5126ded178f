"""Layers with a condition: a label, a style, a map.

`Modulated(norm, modulation)` is every conditional normalisation: the modulation turns the condition into a scale and an
offset for what the norm gives. Each published pair has a name of its own. The other layers append a label to what a
network sees.
"""

from tfgan_tricks.layers.conditioning.adaptive_instance_norm import AdaptiveInstanceNorm
from tfgan_tricks.layers.conditioning.conditional_batch_norm import ConditionalBatchNorm
from tfgan_tricks.layers.conditioning.conditional_instance_norm import ConditionalInstanceNorm
from tfgan_tricks.layers.conditioning.label_channel import LabelChannel
from tfgan_tricks.layers.conditioning.label_concat import LabelConcat
from tfgan_tricks.layers.conditioning.label_modulation import LabelModulation
from tfgan_tricks.layers.conditioning.modulated import Modulated
from tfgan_tricks.layers.conditioning.modulation import Modulation
from tfgan_tricks.layers.conditioning.projection_head import ProjectionHead
from tfgan_tricks.layers.conditioning.spade import SPADE
from tfgan_tricks.layers.conditioning.spatial_modulation import SpatialModulation
from tfgan_tricks.layers.conditioning.statistics_modulation import StatisticsModulation
from tfgan_tricks.layers.conditioning.style_modulation import StyleModulation

__all__ = [
    "SPADE",
    "AdaptiveInstanceNorm",
    "ConditionalBatchNorm",
    "ConditionalInstanceNorm",
    "LabelChannel",
    "LabelConcat",
    "LabelModulation",
    "Modulated",
    "Modulation",
    "ProjectionHead",
    "SpatialModulation",
    "StatisticsModulation",
    "StyleModulation",
]
