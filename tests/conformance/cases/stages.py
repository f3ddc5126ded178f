"""Stages of a training: the input is a count of images seen."""

from tests.conformance.case import Case
from tfgan_tricks.losses.adversarial import Hinge
from tfgan_tricks.losses.auxiliary import Reconstruction

CASES = [
    Case(
        "training.NetworkStage",
        {
            "images": 300,
            "train": ("generator",),
            "changes": {"loss": Hinge(), "terms": [Reconstruction()], "critic_steps": 2},
            "batch_size": 8,
            "resolution": 16,
        },
        ((),),
    ),
]
