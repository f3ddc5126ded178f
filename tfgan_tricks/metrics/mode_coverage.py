"""How many modes of a known mixture a generator of points makes."""

from typing import Any

import keras
import numpy as np

from tfgan_tricks.checks import check_range, check_type, explain
from tfgan_tricks.data.synthetic import GaussianMixture
from tfgan_tricks.metrics.histogram_divergences import histogram_kl
from tfgan_tricks.metrics.metric import Metric
from tfgan_tricks.metrics.neighbours import squared_distances
from tfgan_tricks.metrics.samples import Samples


@keras.saving.register_keras_serializable("tfgan_tricks")
class ModeCoverage(Metric):
    """Counts the modes of a known mixture that generated points hit, and the points that hit one.

    The measure of mode collapse on the ring and the grid, where the truth is known. A point is of high quality if it
    lies within some standard deviations of the nearest centre; a mode is covered if it has such a point. The reverse
    Kullback-Leibler divergence compares the shares of the modes, every point counted at its nearest centre, with
    equal ones: it is 0 for equal shares and log(modes) for a single mode.

    **Source**: Lin et al., 2018, arXiv:1712.04086 (PacGAN), section 4.1 and table 1; Srivastava et al., 2017,
    arXiv:1705.07761 (VEEGAN).

    **Differs from the paper**: shares are compared with the mixture's own, which are equal, in place of those of real
    samples. The paper measures 2,500 points.

    Args:
        centres: of the modes, [modes, width]; `ModeCoverage.of(mixture)` fills it and the next in.
        stddev: of each mode along each axis.
        within: largest distance of a good point from its centre, in standard deviations.

    Returns:
        Called with `None` and fake `Samples` whose features are points, a `MetricResult` whose value is the number of
        covered modes. Details: "modes", "high_quality" (a share), "reverse_kl", and "hits" of each mode.

    **Cost**: a distance of each point to each centre.

    **Combines badly with**: modes that overlap; comparison across counts, as more points find more modes.

    Example:

    >>> metric = tfgan_tricks.metrics.ModeCoverage.of(tfgan_tricks.data.ring(modes=4, stddev=0.1))
    >>> points = np.array([[1.0, 0.0], [1.1, 0.1], [0.0, 1.2], [-0.5, 0.1]])  # the last one is far from (-1, 0)
    >>> result = metric(None, tfgan_tricks.metrics.Samples(features=points))
    >>> print(result, result.details["hits"], result.details["high_quality"])
    mode_coverage(modes=4)[given,-/4] = 2 [2, 1, 0, 0] 0.75
    """

    name = "mode_coverage"
    compares = False
    higher_is_better = True

    def __init__(self, centres, stddev: float, within: float = 3.0):
        check_range("stddev", stddev, low=0.0, low_open=True)
        check_range("within", within, low=0.0, low_open=True)
        array = np.asarray(centres, np.float64)
        if array.ndim != 2 or not array.size or not np.isfinite(array).all():
            raise ValueError(
                explain(
                    "These are no centres of modes.",
                    received=f"an array of shape {array.shape}, {np.isfinite(array).sum()} of its numbers finite",
                    expected="[modes, width], all finite",
                    fix="use ModeCoverage.of(tfgan_tricks.data.ring()).",
                )
            )
        self.centres = tuple(tuple(row) for row in array.tolist())
        self.stddev = stddev
        self.within = within

    @classmethod
    def of(cls, mixture: GaussianMixture, within: float = 3.0) -> "ModeCoverage":
        """Returns the metric for a mixture such as `tfgan_tricks.data.ring()`.

        Args:
            mixture: whose modes to count.
            within: as for the class.
        """
        check_type("mixture", mixture, GaussianMixture, "pass such as tfgan_tricks.data.ring().")
        return cls(mixture.centres, mixture.stddev, within)

    @property
    def label(self) -> str:
        """Returns the name with the number of modes; their places are in the protocol."""
        return f"{self.name}(modes={len(self.centres)}{'' if self.within == 3.0 else f',within={self.within}'})"

    def minimum(self, width: int) -> tuple[int, str]:
        """Returns the fewest samples, and the reason in a few words."""
        return 1, "one point hits a mode"

    def measure(self, real: Samples | None, fake: Samples) -> tuple[float, float | None, dict[str, Any]]:
        """Returns the number of covered modes, and what else is known of them."""
        centres = np.array(self.centres)
        if fake.width != centres.shape[1]:
            raise ValueError(
                explain(
                    "Points and modes are not in one space.",
                    received=f"points of width {fake.width}",
                    expected=f"width {centres.shape[1]}, that of the centres",
                    fix="measure the generator's points themselves: Samples(features=points).",
                )
            )
        distance, nearest = np.full(fake.count, np.inf), np.zeros(fake.count, np.int64)
        for rows, columns, distances in squared_distances(fake.features.astype(np.float64), centres):
            least, place = distances.min(axis=1), distances.argmin(axis=1) + columns.start
            nearest[rows] = np.where(least < distance[rows], place, nearest[rows])
            distance[rows] = np.minimum(least, distance[rows])
        good = distance <= (self.within * self.stddev) ** 2
        modes = len(centres)
        hits = np.bincount(nearest[good], minlength=modes)
        shares = np.bincount(nearest, minlength=modes)
        details = {"modes": modes, "high_quality": float(good.mean()), "hits": hits.tolist()}
        details["reverse_kl"] = histogram_kl(shares, np.ones(modes))
        return float((hits > 0).sum()), None, details
