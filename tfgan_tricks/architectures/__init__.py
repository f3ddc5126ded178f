"""Architectures: functions that return a generator and a discriminator as functional models."""

from tfgan_tricks.architectures.dcgan import dcgan
from tfgan_tricks.architectures.mlp import mlp
from tfgan_tricks.architectures.progan import progan
from tfgan_tricks.architectures.sngan_cnn import sngan_cnn

__all__ = ["dcgan", "mlp", "progan", "sngan_cnn"]
