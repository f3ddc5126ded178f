"""Terms beside the adversarial loss, before the critic and with the features of `running.with_features`."""

from tests.conformance.case import Case
from tfgan_tricks.schedules import Linear

IMAGES = ((4, 6, 6, 2), (4, 6, 6, 2))  # real and fake

CASES = [
    Case(
        "losses.auxiliary.PullingAway",
        {"weight": Linear(0.1, 0.3, images=500), "layer": 0, "every": 2, "name": "apart"},
        IMAGES,
        explained={"replicas": "pairs within each replica; tested in tests/losses/auxiliary/test_pulling_away.py"},
    ),
]
