"""Fréchet distance between two sets of features: FID, where these are Inception's."""

from typing import Any

import keras
import numpy as np

from tfgan_tricks.checks import explain
from tfgan_tricks.metrics.input_checks import check_finite
from tfgan_tricks.metrics.metric import Metric
from tfgan_tricks.metrics.samples import Samples

ROUNDING = 1e-4  # how far a covariance may be from symmetric and positive semi-definite, of its largest number


def frechet_distance(mean, covariance, other_mean, other_covariance) -> float:
    """Returns the squared Fréchet distance between two normal distributions.

    d² = ‖m₁ − m₂‖² + tr C₁ + tr C₂ − 2 tr (FᵀC₂F)^½ with C₁ = FFᵀ. The matrix under the last root is symmetric, so
    its eigenvalues are real; those that rounding made negative count as 0. The result is never NaN and never negative,
    whatever the rank. A matrix that is no covariance, not symmetric or with eigenvalues clearly below 0, is refused.

    **Source**: Dowson and Landau, "The Fréchet distance between multivariate normal distributions", 1982, Journal of
    Multivariate Analysis 12; Heusel et al., 2017, arXiv:1706.08500, equation 6.

    **Differs from the paper**: it takes the root of the non-symmetric C₁C₂, which has the same trace, but which code
    finds with complex parts, or not at all, where a covariance is singular.

    Args:
        mean: [width].
        covariance: [width, width], or variances, [width].
        other_mean: [width].
        other_covariance: of the same shape as the first.

    Returns:
        The distance, a float of at least 0.

    **Cost**: one symmetric eigenvalue problem, two Cholesky factors and two products of [width, width]; an eigenvalue
    problem more for each covariance that is singular.

    **Combines badly with**: distributions that differ in more than mean and covariance: it does not see it.

    Example:

    >>> tfgan_tricks.metrics.frechet_distance([0.0, 0.0], np.eye(2), [3.0, 0.0], 4 * np.eye(2))
    11.0
    """
    means = [np.asarray(array, np.float64) for array in (mean, other_mean)]
    covariances = [np.asarray(array, np.float64) for array in (covariance, other_covariance)]
    _check(means, covariances)
    distance = np.square(means[0] - means[1]).sum()
    if covariances[0].ndim == 1:
        distance += np.square(np.sqrt(covariances[0]) - np.sqrt(covariances[1])).sum()
        return float(distance)
    _factor(covariances[1])  # refuses what is no covariance
    factor = _factor(covariances[0])
    inner = factor.T @ covariances[1] @ factor
    del factor  # matrices of Inception's features are large
    roots = np.sqrt(np.linalg.eigvalsh(inner).clip(min=0.0))
    distance += np.trace(covariances[0]) + np.trace(covariances[1]) - 2.0 * roots.sum()
    return float(max(distance, 0.0))


@keras.saving.register_keras_serializable("tfgan_tricks")
class FID(Metric):
    """Fréchet distance between the features of real and of generated images.

    The number that most papers report, if the features are `InceptionFID`'s and the images 50,000 of each. It sees
    quality and diversity at once. It is biased: fewer images give a higher value, so compare only equal counts, and
    look at the floor between two halves of the real images (`real_floor`).

    **Source**: Heusel et al., 2017, arXiv:1706.08500, equation 6 and section 4.

    **Differs from the paper**: a symmetric eigenvalue problem in place of a matrix square root; any features.

    Args:
        diagonal: compare variances only. It needs two samples; use it where the full covariance would need more
            images than there are. No published number is of this kind.
        allow_singular: measure although there are no more samples than features, and say so in the details. The
            covariance then has no full rank, and the value depends on the count more than on the images.

    Returns:
        Called with real and fake `Samples`, a `MetricResult`. Details: the parts due to means and covariances, and
        whether a covariance is singular.

    **Cost**: n·width² multiplications and an eigenvalue problem of [width, width], in float64.

    **Combines badly with**: few images; comparison across extractors, resizers, splits or counts.

    Example:

    >>> metrics, random = tfgan_tricks.metrics, np.random.default_rng(0)
    >>> real = metrics.Samples(features=random.normal(0.0, 1.0, (1000, 4)), split="train")
    >>> fake = metrics.Samples(features=random.normal(0.5, 1.0, (1000, 4)), weights="averaged")
    >>> result = metrics.FID()(real, fake)
    >>> print(result.name, result.value > 0.8)  # 4 · 0.5² from the means
    fid[given,1000/1000,train,averaged] True
    """

    name = "fid"

    def __init__(self, diagonal: bool = False, allow_singular: bool = False):
        self.diagonal = diagonal
        self.allow_singular = allow_singular

    def minimum(self, width: int) -> tuple[int, str]:
        """Returns the fewest samples, and the reason in a few words."""
        if self.diagonal or self.allow_singular:
            return 2, "a variance needs two samples"
        reason = f"a covariance of {width:,} features has full rank only with more samples than features"
        return width + 1, f"{reason} (FID(diagonal=True) or FID(allow_singular=True) needs 2)"

    def measure(self, real: Samples, fake: Samples) -> tuple[float, float | None, dict[str, Any]]:
        """Returns the distance and its parts."""
        sides = [side.statistics(self.diagonal) for side in (real, fake)]
        value = frechet_distance(sides[0].mean, sides[0].covariance, sides[1].mean, sides[1].covariance)
        by_means = float(np.square(sides[0].mean - sides[1].mean).sum())
        singular = not self.diagonal and min(side.count for side in sides) <= sides[0].width
        return value, None, {"means": by_means, "covariances": max(value - by_means, 0.0), "singular": singular}


def _factor(covariance: np.ndarray) -> np.ndarray:
    """Returns F with FFᵀ = C; raises `ValueError` if there is none."""
    asymmetry = float(np.abs(covariance - covariance.T).max())
    if asymmetry > ROUNDING * np.abs(covariance).max():
        _refuse(f"a matrix that differs from its transpose by {asymmetry:.4g}")
    try:
        return np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:  # not of full rank
        values, vectors = np.linalg.eigh(covariance)
        if values[0] < -ROUNDING * np.abs(values).max():
            _refuse(f"a matrix with eigenvalues from {values[0]:.4g} to {values[-1]:.4g}")
        return vectors * np.sqrt(values.clip(min=0.0))


def _refuse(received: str) -> None:
    raise ValueError(
        explain(
            "This is no covariance.",
            received=received,
            expected="a symmetric matrix without negative eigenvalues",
            fix="compute it with FeatureStatistics(width), or numpy.cov(features, rowvar=False).",
        )
    )


def _check(means: list[np.ndarray], covariances: list[np.ndarray]) -> None:
    width = means[0].shape
    square = (*width, *width)
    shapes = {covariance.shape for covariance in covariances}
    if len(width) != 1 or 0 in width or means[1].shape != width or shapes not in ({width}, {square}):
        raise ValueError(
            explain(
                "These means and covariances do not belong together.",
                received=f"means {[m.shape for m in means]}, covariances {[c.shape for c in covariances]}",
                expected="two means [width], and two covariances [width, width] or two [width]",
                fix="compute both sides from features of the same extractor.",
            )
        )
    for array in (*means, *covariances):
        check_finite(array, "means and covariances")
    if len(covariances[0].shape) == 1 and min(covariance.min() for covariance in covariances) < 0.0:
        raise ValueError(
            explain(
                "A variance is negative.",
                received=f"{min(covariance.min() for covariance in covariances):.4g}",
                expected="variances of at least 0",
                fix="compute them with FeatureStatistics(width, diagonal=True).",
            )
        )
