"""Values that change over training, as functions of images seen."""

from tfgan_tricks.schedules.constant_then_linear import ConstantThenLinear
from tfgan_tricks.schedules.cosine import Cosine
from tfgan_tricks.schedules.half_life import HalfLife
from tfgan_tricks.schedules.learning_rate import LearningRate
from tfgan_tricks.schedules.linear import Linear
from tfgan_tricks.schedules.piecewise import Piecewise
from tfgan_tricks.schedules.schedule import Schedule

__all__ = ["ConstantThenLinear", "Cosine", "HalfLife", "LearningRate", "Linear", "Piecewise", "Schedule"]
