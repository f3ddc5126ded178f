"""Density and coverage of generated features around real ones, by nearest neighbours."""

from typing import Any

import keras
import numpy as np

from tfgan_tricks.checks import check_integer
from tfgan_tricks.metrics.metric import Metric
from tfgan_tricks.metrics.neighbours import centred, squared_distances, squared_radii
from tfgan_tricks.metrics.samples import Samples


@keras.saving.register_keras_serializable("tfgan_tricks")
class DensityCoverage(Metric):
    """Density and coverage: how deep generated images lie among real ones, and how many real ones have them near.

    Both use the balls of real points only, which reach to the k-th nearest other real point. Density counts in how
    many of them a generated point lies, over k; coverage is the share of balls that hold a generated point. One
    outlier among the real points moves them little, unlike the precision of `PrecisionRecall`.

    **Source**: Naeem et al., 2020, arXiv:2002.09797, section 3.2.

    **Differs from the paper**: a point on the border of a ball is inside, as in `PrecisionRecall`.

    Args:
        k: how many neighbours a ball holds.

    Returns:
        Called with real and fake `Samples`, a `MetricResult` whose value is the coverage. Details: "density", which
        may exceed 1, and "coverage".

    **Cost**: n² + n·m products of rows in float64, a block at a time; memory grows with n + m only.

    **Combines badly with**: fewer generated than real points: coverage cannot reach 1 then.

    Example:

    >>> real = tfgan_tricks.metrics.Samples(features=np.arange(4.0).reshape(4, 1))  # 0, 1, 2, 3
    >>> fake = tfgan_tricks.metrics.Samples(features=np.array([[0.5], [9.0]]))
    >>> tfgan_tricks.metrics.DensityCoverage(k=1)(real, fake).details
    {'density': 1.0, 'coverage': 0.5}
    """

    name = "density_coverage"
    higher_is_better = True

    def __init__(self, k: int = 5):
        check_integer("k", k, at_least=1)
        self.k = k

    def minimum(self, width: int) -> tuple[int, str]:
        """Returns the fewest samples, and the reason in a few words."""
        return self.k + 1, f"each needs {self.k} neighbours besides itself"

    def minimum_generated(self, width: int) -> tuple[int, str]:
        """Returns the fewest generated samples, which need no neighbours of their own, and the reason."""
        return 1, "without any, nothing is covered"

    def measure(self, real: Samples, fake: Samples) -> tuple[float, float | None, dict[str, Any]]:
        """Returns the coverage, and both numbers."""
        points, generated = centred(real.features, fake.features)
        radii = squared_radii(points, self.k)
        covered, inside = np.zeros(len(points), bool), 0
        for rows, _, distances in squared_distances(points, generated):
            within = distances <= radii[rows, np.newaxis]
            covered[rows] |= within.any(axis=1)
            inside += int(within.sum())
        coverage = float(covered.mean())
        return coverage, None, {"density": inside / (self.k * len(generated)), "coverage": coverage}
