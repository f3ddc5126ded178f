"""Terms that compare latents, labels, features or cycles, on the heads and the aux of `running`."""

from tests.conformance.case import Case
from tfgan_tricks.schedules import Linear

COMMON = {"weight": Linear(0.5, 3.0, images=500), "every": 2, "name": "extra"}
IMAGES = ((4, 5, 3, 2), (4, 5, 3, 2))  # real and fake

CASES = [
    Case("losses.auxiliary.Reconstruction", {"loss": "l2", **COMMON}, IMAGES),
    Case("losses.auxiliary.Reconstruction", {"key": "coarse", **COMMON}, IMAGES, variant="key"),
    Case("losses.auxiliary.CycleConsistency", {"loss": "l2", **COMMON}, IMAGES),
    Case("losses.auxiliary.Identity", {"loss": "l2", **COMMON}, IMAGES),
    Case("losses.auxiliary.FeatureMatching", {"mode": "paired", **COMMON}, IMAGES),
    Case("losses.auxiliary.FeatureMatching", {"mode": "mean", "weight": 2.0}, IMAGES, variant="mean"),
    Case("losses.auxiliary.MutualInformation", {"categorical": 0.7, "continuous": 0.4, **COMMON}, IMAGES),
    Case("losses.auxiliary.Classification", {"sides": "split", **COMMON}, IMAGES),
    Case("losses.auxiliary.Classification", {"sides": "both"}, IMAGES, variant="both"),
    Case("losses.auxiliary.Classification", {"sides": "real", "multi_label": True}, IMAGES, variant="multi_label"),
]
