"""Divergences of histograms and of samples: closed forms, loops, SciPy, Gaussians."""

import math

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.spatial import distance

from tfgan_tricks.metrics import (
    histogram_js,
    histogram_kl,
    histogram_wasserstein,
    neighbours,
    sample_js,
    sample_kl,
    sample_wasserstein,
)
from tfgan_tricks.metrics.sample_divergences import transport

P, Q = np.random.default_rng(0).dirichlet([0.5] * 9, size=2)


def gaussians(shift: float, counts=(2_000, 2_000), width: int = 1, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    return random.normal(size=(counts[0], width)), random.normal(shift, 1.0, size=(counts[1], width))


def test_divergences_of_histograms_are_those_of_scipy():
    np.testing.assert_allclose(histogram_kl(7.0 * P, 3.0 * Q), stats.entropy(P, Q), rtol=1e-12)
    np.testing.assert_allclose(histogram_js(7.0 * P, 3.0 * Q), distance.jensenshannon(P, Q) ** 2, rtol=1e-12)
    expected = stats.wasserstein_distance(np.arange(9), np.arange(9), P, Q)
    np.testing.assert_allclose(histogram_wasserstein(7.0 * P, 3.0 * Q), expected, rtol=1e-12)


def test_two_bins_follow_the_formula_by_hand():
    expected = 0.25 * math.log(0.25 / 0.5) + 0.75 * math.log(0.75 / 0.5)
    assert histogram_kl([1, 3], [5, 5]) == pytest.approx(expected)
    assert histogram_kl([5, 5], [1, 3]) == pytest.approx(0.5 * math.log(2.0) + 0.5 * math.log(2.0 / 3.0))


def test_empty_bins_make_kl_infinite_on_one_side_only():
    assert histogram_kl([1, 1, 0], [1, 1, 2]) == pytest.approx(math.log(2.0))
    assert histogram_kl([1, 1, 2], [1, 1, 0]) == math.inf
    assert histogram_js([1, 0, 0], [0, 2, 2]) == pytest.approx(math.log(2.0))


def test_equal_histograms_have_no_divergence():
    for divergence in (histogram_kl, histogram_js, histogram_wasserstein):
        assert abs(divergence(P, 4.0 * P)) < 1e-12


def test_positions_in_any_order_say_how_far_bins_are_apart():
    places = np.random.default_rng(1).normal(size=9)
    expected = stats.wasserstein_distance(places, places, P, Q)
    np.testing.assert_allclose(histogram_wasserstein(P, Q, places), expected, rtol=1e-12)
    order = np.random.default_rng(2).permutation(9)
    np.testing.assert_allclose(histogram_wasserstein(P[order], Q[order], places[order]), expected, rtol=1e-12)


@pytest.mark.parametrize("counts", [(40, 40), (12, 31), (30, 12), (1, 5)])
def test_the_distance_of_samples_is_that_of_scipy_whatever_the_counts(counts):
    random = np.random.default_rng(3)
    one, other = random.normal(size=counts[0]), random.exponential(size=counts[1]).round(1)
    expected = stats.wasserstein_distance(one, other)
    np.testing.assert_allclose(sample_wasserstein(one, other), expected, rtol=1e-12)
    np.testing.assert_allclose(sample_wasserstein(other[:, None], one), expected, rtol=1e-12)


def test_columns_are_transported_each_for_itself():
    random = np.random.default_rng(4)
    one, other = np.sort(random.normal(size=(7, 3)), axis=0), np.sort(random.normal(size=(10, 3)), axis=0)
    expected = [stats.wasserstein_distance(one[:, i], other[:, i]) for i in range(3)]
    np.testing.assert_allclose(transport(one, other), expected, rtol=1e-12)


def kl_by_loops(one, other, k: int) -> float:
    """The estimate of the paper, point by point."""
    n, m, width = len(one), len(other), one.shape[1]
    total = 0.0
    for i, point in enumerate(one):
        near = sorted(math.dist(point, x) for j, x in enumerate(one) if j != i)[k - 1]
        far = sorted(math.dist(point, x) for x in other)[k - 1]
        total += math.log(far / near)
    return width / n * total + math.log(m / (n - 1))


@pytest.mark.parametrize("k", [1, 4])
def test_kl_of_samples_is_the_loop_over_points_in_any_order_and_block(k, monkeypatch):
    one, other = gaussians(0.7, (40, 55), width=3)
    expected = kl_by_loops(one, other, k)
    np.testing.assert_allclose(sample_kl(one, other, k), expected, rtol=1e-9)
    random = np.random.default_rng(0)
    iterate = neighbours.squared_distances
    monkeypatch.setattr(neighbours, "squared_distances", lambda a, b, block: iterate(a, b, 7))
    np.testing.assert_allclose(sample_kl(random.permutation(one), random.permutation(other), k), expected, rtol=1e-9)


@pytest.mark.parametrize(("shift", "width"), [(0.0, 1), (1.0, 1), (0.7, 2)])
def test_kl_of_normal_samples_is_half_their_squared_shift(shift, width):
    found = [sample_kl(*gaussians(shift, (1_000, 1_500), width, seed)) for seed in range(4)]
    assert abs(np.mean(found) - width * shift**2 / 2.0) < 0.04


@pytest.mark.parametrize("shift", [0.0, 1.0, 3.0])
def test_js_of_normal_samples_is_their_integral(shift):
    def density(x):
        p, q = stats.norm.pdf(x), stats.norm.pdf(x - shift)
        return (p * math.log(2.0 * p / (p + q)) + q * math.log(2.0 * q / (p + q))) / 2.0

    expected = integrate.quad(density, -8.0, 8.0 + shift)[0]
    one, other = gaussians(shift, (1_500, 1_200))
    found = sample_js(one, other)
    assert abs(found - expected) < 0.025
    assert abs(sample_js(other, one) - found) < 1e-12


def test_js_stays_in_its_range():
    one, other = gaussians(1e6, (100, 100))
    assert 0.69 < sample_js(one, other) <= math.log(2.0)
    assert sample_js(*gaussians(0.0, (100, 100)), k=1) >= 0.0


@pytest.mark.parametrize(
    "pair", [([1, -1], [1, 1]), ([0, 0], [1, 1]), ([1, np.nan], [1, 1]), ([1, 1, 1], [1, 1]), (np.eye(2), np.eye(2))]
)
@pytest.mark.parametrize("divergence", [histogram_kl, histogram_js, histogram_wasserstein])
def test_what_are_no_histograms_is_refused(divergence, pair):
    with pytest.raises(ValueError, match="no two histograms over the same bins"):
        divergence(*pair)


def test_what_cannot_be_estimated_is_refused_with_its_reason():
    one, other = gaussians(0.0, (8, 5), width=2)
    with pytest.raises(ValueError, match="each of more than 5 rows"):
        sample_kl(one, other)
    with pytest.raises(ValueError, match="of one width"):
        sample_js(one, other[:, :1])
    with pytest.raises(ValueError, match="8 samples with 2 neighbours at distance 0"):
        sample_kl(np.repeat(one[:2], 4, axis=0), other, k=2)
    with pytest.raises(ValueError, match="`k`"):
        sample_kl(one, other, k=0)
    with pytest.raises(ValueError, match="NaN"):
        sample_wasserstein([0.0, np.nan], [1.0])
    with pytest.raises(ValueError, match="Only numbers can be sorted"):
        sample_wasserstein(one, other)
    with pytest.raises(ValueError, match="position"):
        histogram_wasserstein([1, 2], [2, 1], [0.0])
