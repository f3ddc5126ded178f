"""Input transforms of the critic."""

import tfgan_tricks as tt
from tests.conformance.case import Case

DECAY = tt.schedules.Linear(0.5, 0.1, images=1_000)

CASES = [
    Case("inputs.InstanceNoise", {"stddev": DECAY}, ((4, 5, 3, 2),), (4, 5, 3, 2), random=True),
    Case("inputs.InstanceNoise", {"stddev": 0.3}, ((4, 5),), (4, 5), variant="vectors", random=True),
    Case("inputs.Packing", {"m": 3}, ((6, 5, 4, 2),), (2, 5, 4, 6)),
]
