"""Values that change over training, as functions of images seen."""

from tfgan_tricks.schedules.linear import Linear
from tfgan_tricks.schedules.schedule import Schedule

__all__ = ["Linear", "Schedule"]
