"""Terms beside the adversarial loss that compare latents, labels, features or cycles."""

from tfgan_tricks.losses.auxiliary.pulling_away import PullingAway

__all__ = ["PullingAway"]
