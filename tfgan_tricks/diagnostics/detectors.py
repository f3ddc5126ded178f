"""All detectors there are, in the order in which a training is examined: data, breakdown, the game, the images."""

from tfgan_tricks.diagnostics.detector import Detector
from tfgan_tricks.diagnostics.discriminator_won import DiscriminatorWon
from tfgan_tricks.diagnostics.non_finite import NonFinite

DETECTORS: tuple[type[Detector], ...] = (NonFinite, DiscriminatorWon)


def all_detectors() -> list[Detector]:
    """Returns one of each detector, with its default thresholds."""
    return [kind() for kind in DETECTORS]
