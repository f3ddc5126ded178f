"""What is minimised: the adversarial game, and the protocol of everything added to it."""

from tfgan_tricks.losses import adversarial, auxiliary, image
from tfgan_tricks.losses.term import Term

__all__ = ["Term", "adversarial", "auxiliary", "image"]
