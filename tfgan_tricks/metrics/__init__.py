"""How good the samples are."""

from tfgan_tricks.metrics.class_shares import class_shares

__all__ = ["class_shares"]
