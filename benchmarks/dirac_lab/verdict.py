"""When a trajectory counts as convergent."""

import dataclasses

import numpy as np

NEAR = 0.05  # of the distance at the start


@dataclasses.dataclass(frozen=True)
class Verdict:
    """How the distance √(θ² + ψ²) from the equilibrium went on.

    Attributes:
        start: distance before the first step.
        first_half: largest distance in the first half of the steps.
        second_half: largest distance in the second half.
        end: largest distance in the last tenth of the steps.
    """

    start: float
    first_half: float
    second_half: float
    end: float

    @property
    def converges(self) -> bool:
        """Whether it ended near (below 5 % of the start, over the whole last tenth) and got there by shrinking."""
        return self.end < NEAR * self.start and self.second_half < self.first_half


def judge(points: np.ndarray) -> Verdict:
    """Returns the verdict on a trajectory, [steps + 1, 2]."""
    distance = np.linalg.norm(points, axis=1)
    steps = len(distance) - 1
    half, tenth = distance[: steps // 2 + 1], max(steps // 10, 1)
    largest = (distance[0], half.max(), distance[steps // 2 + 1 :].max(), distance[-tenth:].max())
    return Verdict(*(float(value) for value in largest))
