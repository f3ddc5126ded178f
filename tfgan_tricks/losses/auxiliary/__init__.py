"""Terms beside the adversarial loss that compare latents, labels, features or cycles."""

from tfgan_tricks.losses.auxiliary.classification import Classification
from tfgan_tricks.losses.auxiliary.cycle_consistency import CycleConsistency
from tfgan_tricks.losses.auxiliary.feature_matching import FeatureMatching
from tfgan_tricks.losses.auxiliary.identity import Identity
from tfgan_tricks.losses.auxiliary.mutual_information import MutualInformation
from tfgan_tricks.losses.auxiliary.pulling_away import PullingAway
from tfgan_tricks.losses.auxiliary.reconstruction import Reconstruction

__all__ = [
    "Classification",
    "CycleConsistency",
    "FeatureMatching",
    "Identity",
    "MutualInformation",
    "PullingAway",
    "Reconstruction",
]
