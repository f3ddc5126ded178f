"""Who moves when."""

from tfgan_tricks.training.arithmetic_averaging import ArithmeticAveraging
from tfgan_tricks.training.averaging import Averaging
from tfgan_tricks.training.exponential_averaging import ExponentialAveraging
from tfgan_tricks.training.gan import GAN
from tfgan_tricks.training.network_stage import NetworkStage
from tfgan_tricks.training.one_stage import OneStageGAN
from tfgan_tricks.training.progressive import ProgressiveTraining
from tfgan_tricks.training.single_loss import SingleLossGAN
from tfgan_tricks.training.stage import Stage
from tfgan_tricks.training.stages import StagedTraining
from tfgan_tricks.training.two_time_scales import two_time_scales
from tfgan_tricks.training.unrolled import UnrolledGAN
from tfgan_tricks.training.virtual_adam import VirtualAdam
from tfgan_tricks.training.virtual_steps import VirtualSGD

__all__ = [
    "GAN",
    "ArithmeticAveraging",
    "Averaging",
    "ExponentialAveraging",
    "NetworkStage",
    "OneStageGAN",
    "ProgressiveTraining",
    "SingleLossGAN",
    "Stage",
    "StagedTraining",
    "UnrolledGAN",
    "VirtualAdam",
    "VirtualSGD",
    "two_time_scales",
]
