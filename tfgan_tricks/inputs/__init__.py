"""What the discriminator is shown: transforms applied to real and generated images alike."""

from tfgan_tricks.inputs.adaptive_augment import AdaptiveAugment
from tfgan_tricks.inputs.diff_augment import DiffAugment
from tfgan_tricks.inputs.history_buffer import HistoryBuffer
from tfgan_tricks.inputs.input_transform import InputTransform
from tfgan_tricks.inputs.instance_noise import InstanceNoise
from tfgan_tricks.inputs.packing import Packing

__all__ = ["AdaptiveAugment", "DiffAugment", "HistoryBuffer", "InputTransform", "InstanceNoise", "Packing"]
