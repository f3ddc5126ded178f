"""What the discriminator is shown: transforms applied to real and generated images alike."""

from tfgan_tricks.inputs.input_transform import InputTransform

__all__ = ["InputTransform"]
