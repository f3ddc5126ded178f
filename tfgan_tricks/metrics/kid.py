"""Kernel distance between two sets of features: KID, where these are Inception's."""

from typing import Any

import keras
import numpy as np

from tfgan_tricks.checks import check_integer, explain
from tfgan_tricks.metrics.input_checks import check_features
from tfgan_tricks.metrics.metric import Metric
from tfgan_tricks.metrics.samples import Samples

ROWS = 1_024  # of the kernel matrix at once
DEGREE = 3  # of the polynomial


def kernel_distance(features, other_features) -> float:
    """Returns the unbiased squared maximum mean discrepancy under the kernel (⟨x, y⟩ / width + 1)³.

    The sums within a set leave out the diagonal; so the expectation over samples of two equal distributions is 0,
    and single values may be negative.

    **Source**: Bińkowski et al., 2018, arXiv:1801.01401, section 4; Gretton et al., "A kernel two-sample test", 2012,
    JMLR 13, lemma 6.

    **Differs from the paper**: no.

    Args:
        features: [n, width], n at least 2.
        other_features: [m, width], m at least 2.

    Returns:
        The estimate, a float that may be negative.

    **Cost**: (n + m)² products of rows, in float64, a thousand rows at a time.

    **Combines badly with**: features of very different scales: the largest decide.

    Example:

    >>> tfgan_tricks.metrics.kernel_distance([[0.0], [1.0]], [[0.0], [1.0]])  # 1 + 1 - 2 · (1 + 1 + 1 + 8) / 4
    -3.5
    """
    one, other = (check_features(array).astype(np.float64) for array in (features, other_features))
    n, m = len(one), len(other)
    if one.shape[1] != other.shape[1] or min(n, m) < 2:
        raise ValueError(
            explain(
                "The kernel distance of these sets is not defined.",
                received=f"features of shapes {one.shape} and {other.shape}",
                expected="[n, width] and [m, width], each of at least 2 rows",
                fix="compute both from the same features, of more images.",
            )
        )
    within = (_kernel_sum(one, one) - _kernel(one, one, diagonal=True).sum()) / (n * (n - 1))
    within += (_kernel_sum(other, other) - _kernel(other, other, diagonal=True).sum()) / (m * (m - 1))
    return float(within - 2.0 * _kernel_sum(one, other) / (n * m))


@keras.saving.register_keras_serializable("tfgan_tricks")
class KID(Metric):
    """Kernel distance between the features of real and of generated images, unbiased at any count.

    The choice where there are few images: unlike that of `FID`, its expectation does not depend on the count. The
    value is the mean over random subsets and the deviation that over the subsets, as papers report it. It is a
    spread of subsets, not the error of the mean.

    **Source**: Bińkowski et al., 2018, arXiv:1801.01401, section 4.

    **Differs from the paper**: subsets are drawn anew each time, as its authors' code does; a side with fewer images
    than a subset is refused.

    Args:
        subsets: how many subsets.
        subset_size: images of each side in a subset.
        seed: of the subsets.

    Returns:
        Called with real and fake `Samples`, a `MetricResult` with the deviation over subsets. Details: the standard
        error of the mean if subsets were independent. Both are `None` where nothing varies: with one subset, or where
        both sides have just `subset_size` samples, so that each subset is the whole set, which is then measured once.

    **Cost**: subsets · 3 · subset_size² products of rows.

    **Combines badly with**: fewer images than `subset_size`.

    Example:

    >>> random = np.random.default_rng(0)
    >>> real = tfgan_tricks.metrics.Samples(features=random.normal(0.0, 1.0, (500, 4)))
    >>> fake = tfgan_tricks.metrics.Samples(features=random.normal(1.0, 1.0, (500, 4)))
    >>> print(tfgan_tricks.metrics.KID(subsets=10, subset_size=100)(real, fake).value > 1.0)
    True
    """

    name = "kid"

    def __init__(self, subsets: int = 100, subset_size: int = 1_000, seed: int = 0):
        check_integer("subsets", subsets, at_least=1)
        check_integer("subset_size", subset_size, at_least=2)
        check_integer("seed", seed, at_least=0)
        self.subsets = subsets
        self.subset_size = subset_size
        self.seed = seed

    def minimum(self, width: int) -> tuple[int, str]:
        """Returns the fewest samples, and the reason in a few words."""
        return self.subset_size, f"as many as a subset has (subset_size={self.subset_size} can be lowered)"

    def remedy(self, count: int) -> str:
        """Returns what to do about too few samples."""
        smaller = max(2, count // 2)
        text = f"take smaller subsets, KID(subset_size={smaller})"
        return f'{text}; in a shell --metrics "KID(subset_size={smaller})", in quotes.'

    def measure(self, real: Samples, fake: Samples) -> tuple[float, float | None, dict[str, Any]]:
        """Returns the mean and the deviation over subsets."""
        if self.subset_size == real.count == fake.count:
            return kernel_distance(real.features, fake.features), None, {"standard_error": None}
        random = np.random.default_rng(self.seed)
        values = []
        for _ in range(self.subsets):
            chosen = [random.choice(side.count, self.subset_size, replace=False) for side in (real, fake)]
            values.append(kernel_distance(real.features[chosen[0]], fake.features[chosen[1]]))
        if self.subsets == 1:
            return values[0], None, {"standard_error": None}
        deviation = float(np.std(values))
        return float(np.mean(values)), deviation, {"standard_error": deviation / self.subsets**0.5}


def _kernel(one: np.ndarray, other: np.ndarray, diagonal: bool = False) -> np.ndarray:
    """Returns k of all pairs, [n, m], or of equal positions only, [n]."""
    products = np.einsum("nd,nd->n", one, other) if diagonal else one @ other.T
    return (products / one.shape[1] + 1.0) ** DEGREE


def _kernel_sum(one: np.ndarray, other: np.ndarray) -> float:
    return sum(_kernel(one[start : start + ROWS], other).sum() for start in range(0, len(one), ROWS))
