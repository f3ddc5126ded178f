"""Means and covariances of parts, against NumPy's of the whole."""

import numpy as np
import pytest

from tfgan_tricks.metrics import FeatureStatistics
from tfgan_tricks.metrics.feature_statistics import ROWS

RANDOM = np.random.default_rng(3)
FEATURES = RANDOM.normal(size=(257, 6)) @ RANDOM.normal(size=(6, 6)) + np.arange(6.0)


def streamed(parts, **arguments) -> FeatureStatistics:
    statistics = FeatureStatistics(6, **arguments)
    for part in parts:
        statistics.update(part)
    return statistics


@pytest.mark.parametrize("sizes", [[257], [1, 1, 255], [100, 0, 57, 100], [1] * 257])
def test_parts_of_any_size_give_the_statistics_of_the_whole(sizes):
    parts = np.split(FEATURES, np.cumsum(sizes)[:-1])
    statistics = streamed(parts)
    assert statistics.count == 257
    np.testing.assert_allclose(statistics.mean, FEATURES.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(statistics.covariance, np.cov(FEATURES, rowvar=False), rtol=1e-11)
    variances = streamed(parts, diagonal=True).covariance
    np.testing.assert_allclose(variances, FEATURES.var(axis=0, ddof=1), rtol=1e-12)


def test_more_rows_than_are_worked_on_at_once_change_nothing():
    features = np.random.default_rng(0).normal(size=(2 * ROWS + 5, 3)).astype("float32")
    statistics = FeatureStatistics(3)
    statistics.update(features)
    np.testing.assert_allclose(statistics.covariance, np.cov(features.astype("float64"), rowvar=False), rtol=1e-11)


@pytest.mark.parametrize("diagonal", [False, True])
def test_accumulators_are_merged_in_any_order(diagonal):
    one, other = streamed([FEATURES[:40]], diagonal=diagonal), streamed([FEATURES[40:]], diagonal=diagonal)
    empty, whole = FeatureStatistics(6, diagonal), streamed([FEATURES], diagonal=diagonal).covariance
    other.merge(one)
    other.merge(FeatureStatistics(6, diagonal))
    empty.merge(other)
    np.testing.assert_allclose(empty.covariance, whole, rtol=1e-11)
    np.testing.assert_allclose(empty.mean, FEATURES.mean(axis=0), rtol=1e-12)


def test_features_far_from_zero_lose_no_digits():
    far = streamed([FEATURES[:100] + 1e6, FEATURES[100:] + 1e6])
    np.testing.assert_allclose(far.covariance, np.cov(FEATURES, rowvar=False), rtol=1e-6)


def test_the_features_that_are_given_are_not_changed():
    features = FEATURES.copy()
    FeatureStatistics(6).update(features)
    np.testing.assert_array_equal(features, FEATURES)


def test_what_does_not_belong_is_refused():
    statistics = streamed([FEATURES])
    with pytest.raises(ValueError, match=r"shape \(257, 5\)"):
        statistics.update(FEATURES[:, :5])
    spoilt = FEATURES.copy()
    spoilt[[7, 9], 2] = np.nan, np.inf
    with pytest.raises(ValueError, match="2 of 257 features, the first at 7, 9"):
        statistics.update(spoilt)
    with pytest.raises(ValueError, match="diagonal=True"):
        statistics.merge(FeatureStatistics(6, diagonal=True))
    with pytest.raises(ValueError, match="too few samples for a covariance"):
        _ = streamed([FEATURES[:1]]).covariance
