"""Mean and covariance of features that arrive in parts."""

import numpy as np

from tfgan_tricks.checks import check_integer, explain
from tfgan_tricks.metrics.input_checks import check_finite, check_kind

ROWS = 2_048  # worked on at once, so that the float64 copies stay small


class FeatureStatistics:
    """Mean and covariance in float64, of any number of features, in memory that does not grow with it.

    Two accumulators can be merged, so parts may be counted apart. The mean is subtracted part by part before anything
    is squared: features far from zero lose no digits.

    **Source**: Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances",
    1979, Stanford STAN-CS-79-773.

    **Differs from the paper**: covariances in place of variances.

    Args:
        width: how many features each image has.
        diagonal: keep only the variance of each feature, not the covariances.

    **Cost**: n·width² multiplications and width² numbers; width of both with `diagonal`.

    **Combines badly with**: fewer features than their width, whose covariance has no full rank.

    Example:

    >>> statistics = tfgan_tricks.metrics.FeatureStatistics(2)
    >>> statistics.update(np.array([[0.0, 1.0], [2.0, 3.0]]))
    >>> statistics.update(np.array([[4.0, 8.0]]))
    >>> statistics.count, statistics.mean.tolist(), statistics.covariance.tolist()
    (3, [2.0, 4.0], [[4.0, 7.0], [7.0, 13.0]])
    """

    def __init__(self, width: int, diagonal: bool = False):
        check_integer("width", width, at_least=1)
        self.width = width
        self.diagonal = diagonal
        self.count = 0
        self.mean = np.zeros(width)
        self._scatter = np.zeros(width if diagonal else (width, width))

    def update(self, features) -> None:
        """Adds features.

        Args:
            features: [n, width].

        Raises:
            ValueError: if they have another width, or are not finite.
        """
        array = np.asarray(features)
        if array.ndim != 2 or array.shape[1] != self.width:
            raise ValueError(
                explain(
                    "These features do not belong to these statistics.",
                    received=f"an array of shape {array.shape}",
                    expected=f"[n, {self.width}]",
                    fix="use one extractor for all of them, and flatten what it returns.",
                )
            )
        for start in range(0, len(array), ROWS):
            part = np.array(array[start : start + ROWS], dtype=np.float64)
            check_finite(part, "features")
            mean = part.mean(axis=0)
            part -= mean
            self._add(len(part), mean, np.square(part).sum(axis=0) if self.diagonal else part.T @ part)

    def merge(self, other: "FeatureStatistics") -> None:
        """Adds what another accumulator has seen.

        Args:
            other: of the same width, diagonal as well or not at all.
        """
        check_kind("other", other, (FeatureStatistics,), "add arrays with update(features).")
        if (other.width, other.diagonal) != (self.width, self.diagonal):
            raise ValueError(
                explain(
                    "These statistics cannot be merged.",
                    received=f"width={other.width}, diagonal={other.diagonal}",
                    expected=f"width={self.width}, diagonal={self.diagonal}",
                    fix="make both with the same arguments, from features of the same extractor.",
                )
            )
        if other.count:
            self._add(other.count, other.mean, other._scatter)

    @property
    def covariance(self) -> np.ndarray:
        """Returns the unbiased covariance, [width, width], or the variances, [width], if `diagonal`."""
        if self.count < 2:
            raise ValueError(
                explain(
                    "There are too few samples for a covariance.",
                    received=f"{self.count} samples",
                    expected="at least 2",
                    fix="measure more images.",
                )
            )
        return self._scatter / (self.count - 1)

    def variances(self) -> "FeatureStatistics":
        """Returns what the `diagonal` statistics of the same features are."""
        if self.diagonal:
            return self
        found = FeatureStatistics(self.width, diagonal=True)
        found._add(self.count, self.mean, np.diagonal(self._scatter))
        return found

    def _add(self, count: int, mean: np.ndarray, scatter: np.ndarray) -> None:
        total = self.count + count
        shift = mean - self.mean
        weighted = shift * (self.count * count / total)
        self._scatter += scatter
        self._scatter += weighted * shift if self.diagonal else np.outer(weighted, shift)
        self.mean = self.mean + shift * (count / total)
        self.count = total
