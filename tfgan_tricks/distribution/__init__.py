"""Training on several devices and several machines."""

from tfgan_tricks.distribution.roles import is_chief

__all__ = ["is_chief"]
