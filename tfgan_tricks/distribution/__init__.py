"""Training on several devices and several machines."""

from tfgan_tricks.distribution.cluster import find_cluster
from tfgan_tricks.distribution.roles import is_chief
from tfgan_tricks.distribution.strategy import make_strategy

__all__ = ["find_cluster", "is_chief", "make_strategy"]
