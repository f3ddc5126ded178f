"""Input transforms of the critic."""

import tfgan_tricks as tt
from tests.conformance.case import Case

DECAY = tt.schedules.Linear(0.5, 0.1, images=1_000)
ADAPTIVE = {
    "target": 0.4,
    "policy": "geometry,color,blit",
    "adjustment_images": 2_000,
    "interval": 2,
    "initial_probability": 0.7,
}

CASES = [
    Case("inputs.AdaptiveAugment", ADAPTIVE, ((4, 6, 5, 3),), (4, 6, 5, 3), random=True),
    Case("inputs.DiffAugment", {"policy": "cutout,color,translation"}, ((4, 9, 6, 3),), (4, 9, 6, 3), random=True),
    Case("inputs.HistoryBuffer", {"capacity": 3}, ((4, 5, 3, 2),), (4, 5, 3, 2)),
    Case("inputs.InstanceNoise", {"stddev": DECAY}, ((4, 5, 3, 2),), (4, 5, 3, 2), random=True),
    Case("inputs.InstanceNoise", {"stddev": 0.3}, ((4, 5),), (4, 5), variant="vectors", random=True),
    Case("inputs.Packing", {"m": 3}, ((6, 5, 4, 2),), (2, 5, 4, 6)),
]
