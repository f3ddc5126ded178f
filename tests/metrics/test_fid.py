"""The Fréchet distance: Gaussians of known distance, SciPy's matrix root, torch-fidelity's number."""

import numpy as np
import pytest
import scipy.linalg

from tests.metrics.references import FAKE, NUMBERS, REAL, sides
from tfgan_tricks.metrics import FID, FeatureStatistics, Samples, frechet_distance

RANDOM = np.random.default_rng(5)


def covariance(width: int, rank: int | None = None, seed: int = 0) -> np.ndarray:
    factors = np.random.default_rng(seed).normal(size=(width, rank or width + 3))
    return factors @ factors.T


def by_matrix_root(mean, one, other_mean, other) -> float:
    """The formula as Heusel et al. write it."""
    root = scipy.linalg.sqrtm(one @ other)
    return float(np.sum((mean - other_mean) ** 2) + np.trace(one + other - 2.0 * root.real))


def test_equal_distributions_have_no_distance():
    mean, spread = RANDOM.normal(size=7), covariance(7)
    assert 0.0 <= frechet_distance(mean, spread, mean, spread) < 1e-9 * np.trace(spread)


def test_means_alone_give_their_squared_distance():
    mean, spread = RANDOM.normal(size=5), covariance(5)
    shift = np.array([1.0, -2.0, 0.0, 4.0, 0.5])
    np.testing.assert_allclose(frechet_distance(mean, spread, mean + shift, spread), 21.25, rtol=1e-9)


def test_covariances_that_commute_give_the_distance_of_their_roots():
    basis = np.linalg.qr(RANDOM.normal(size=(6, 6)))[0]
    values, other_values = RANDOM.uniform(0.1, 3.0, (2, 6))
    expected = np.sum((np.sqrt(values) - np.sqrt(other_values)) ** 2)
    spreads = [basis @ np.diag(v) @ basis.T for v in (values, other_values)]
    found = frechet_distance(np.zeros(6), spreads[0], np.zeros(6), spreads[1])
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_two_by_two_covariances_that_do_not_commute_follow_the_closed_form():
    one, other = np.array([[2.0, 0.6], [0.6, 1.0]]), np.array([[1.0, -0.9], [-0.9, 3.0]])
    product = one @ other
    assert not np.allclose(product, other @ one)
    root_trace = np.sqrt(np.trace(product) + 2.0 * np.sqrt(np.linalg.det(product)))  # of a 2x2 matrix
    expected = 7.0 - 2.0 * root_trace + 1.0
    np.testing.assert_allclose(frechet_distance([0.0, 0.0], one, [0.0, 1.0], other), expected, rtol=1e-12)


@pytest.mark.parametrize("width", [3, 12, 40])
def test_any_covariances_agree_with_the_matrix_root_of_scipy(width):
    means = RANDOM.normal(size=(2, width))
    spreads = covariance(width, seed=1), 0.3 * covariance(width, seed=2)
    expected = by_matrix_root(means[0], spreads[0], means[1], spreads[1])
    found = frechet_distance(means[0], spreads[0], means[1], spreads[1])
    np.testing.assert_allclose(found, expected, rtol=1e-8)
    swapped = frechet_distance(means[1], spreads[1], means[0], spreads[0])
    np.testing.assert_allclose(swapped, found, rtol=1e-9)


def test_singular_covariances_give_the_distance_of_their_own_subspace():
    spreads = np.zeros((2, 8, 8))
    spreads[0, :3, :3], spreads[1, :3, :3] = covariance(3, seed=1), covariance(3, seed=2)
    basis = np.linalg.qr(RANDOM.normal(size=(8, 8)))[0]
    expected = by_matrix_root(np.zeros(3), spreads[0, :3, :3], np.zeros(3), spreads[1, :3, :3])
    found = frechet_distance(np.zeros(8), basis @ spreads[0] @ basis.T, np.zeros(8), basis @ spreads[1] @ basis.T)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    nothing = frechet_distance(np.zeros(8), np.zeros((8, 8)), np.zeros(8), spreads[0])
    np.testing.assert_allclose(nothing, np.trace(spreads[0]), rtol=1e-12)


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_nearly_singular_covariances_are_never_nan_and_never_negative(scale):
    for seed in range(5):
        one = scale * covariance(30, rank=4, seed=seed)
        found = frechet_distance(np.zeros(30), one, np.zeros(30), one * (1.0 + 1e-12))
        assert 0.0 <= found < 1e-5 * np.trace(one)


def test_variances_give_the_diagonal_distance():
    variances, other = np.array([1.0, 4.0, 0.0]), np.array([9.0, 1.0, 2.0])
    assert frechet_distance(np.zeros(3), variances, np.ones(3), other) == pytest.approx(3.0 + 4.0 + 1.0 + 2.0)


def test_features_give_the_number_of_torch_fidelity():
    result = FID()(*sides())
    np.testing.assert_allclose(result.value, NUMBERS["fid"], rtol=1e-7)
    np.testing.assert_allclose(result.details["means"] + result.details["covariances"], result.value, rtol=1e-12)
    assert result.details["singular"] is False


def test_statistics_of_streamed_parts_and_shuffled_rows_give_the_same():
    expected = FID()(*sides()).value
    statistics = [FeatureStatistics(16), FeatureStatistics(16)]
    for side, features in zip(statistics, (REAL, FAKE), strict=True):
        for part in np.array_split(np.random.default_rng(0).permutation(features), 9):
            side.update(part)
    real, fake = (Samples(statistics=side) for side in statistics)
    result = FID()(real, fake)
    np.testing.assert_allclose(result.value, expected, rtol=1e-10)
    assert result.name == "fid[given,200/170]"


def test_the_diagonal_option_compares_variances_only():
    result = FID(diagonal=True)(*sides())
    deviations = REAL.astype("float64").std(axis=0, ddof=1) - FAKE.astype("float64").std(axis=0, ddof=1)
    means = REAL.astype("float64").mean(axis=0) - FAKE.astype("float64").mean(axis=0)
    np.testing.assert_allclose(result.value, np.sum(means**2) + np.sum(deviations**2), rtol=1e-9)
    assert result.name == "fid(diagonal=True)[given,200/170]"


def test_draws_from_known_distributions_come_near_their_distance():
    width, count = 4, 40_000
    one, other = covariance(width, seed=3), covariance(width, seed=4)
    draws = [
        np.random.default_rng(i).multivariate_normal(np.full(width, 0.5 * i), s, count)
        for i, s in enumerate((one, other))
    ]
    expected = by_matrix_root(np.zeros(width), one, np.full(width, 0.5), other)
    found = FID()(Samples(features=draws[0]), Samples(features=draws[1])).value
    np.testing.assert_allclose(found, expected, rtol=0.05)


def test_too_few_samples_are_refused_with_how_many_are_needed():
    real, fake = Samples(features=REAL), Samples(features=FAKE[:16])
    with pytest.raises(ValueError, match=r"16 generated samples\n  Expected: at least 17: a covariance of 16 features"):
        FID()(real, fake)
    result = FID(allow_singular=True)(real, fake)
    assert result.details["singular"] is True
    assert np.isfinite(result.value)
    assert FID(diagonal=True)(real, Samples(features=FAKE[:2])).value > 0.0
    with pytest.raises(ValueError, match="at least 2"):
        FID(diagonal=True)(real, Samples(features=FAKE[:1]))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([0.0], np.eye(2), [0.0, 0.0], np.eye(2)), "do not belong together"),
        (([0.0, 0.0], np.eye(2), [0.0, 0.0], np.ones(2)), "do not belong together"),
        (([0.0, np.nan], np.eye(2), [0.0, 0.0], np.eye(2)), "not finite"),
        (([0.0, 0.0], np.eye(2), [0.0, 0.0], np.full((2, 2), np.inf)), "not finite"),
        (([0.0, 0.0], [1.0, -1.0], [0.0, 0.0], [1.0, 1.0]), "variance is negative"),
        (([0.0, 0.0], -np.eye(2), [0.0, 0.0], -np.eye(2)), "no covariance.\n  Received: .* eigenvalues from -1 to -1"),
        (([0.0, 0.0], np.eye(2), [0.0, 0.0], -np.eye(2)), "no covariance"),
        (([0.0, 0.0], [[1.0, 2.0], [2.0, 1.0]], [0.0, 0.0], np.eye(2)), "eigenvalues from -1 to 3"),
        (([0.0, 0.0], np.eye(2), [0.0, 0.0], [[1.0, 0.0], [0.5, 1.0]]), "differs from its transpose by 0.5"),
        (([], np.zeros((0, 0)), [], np.zeros((0, 0))), "do not belong together"),
    ],
    ids=["widths", "kinds", "nan", "infinite", "negative", "-I", "other", "indefinite", "asymmetric", "width 0"],
)
def test_statistics_that_cannot_be_compared_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        frechet_distance(*arguments)


def test_covariances_rounded_to_single_precision_are_still_taken():
    """Of rank 5: rounding leaves eigenvalues below 0."""
    mean, spread = np.zeros(60), covariance(60, rank=5)
    rounded = spread.astype("float32")
    assert np.linalg.eigvalsh(rounded.astype("float64")).min() < 0.0
    expected = np.trace(spread)  # (2 - 1)² of 4 C and C
    np.testing.assert_allclose(frechet_distance(mean, rounded, mean, 4.0 * rounded), expected, rtol=1e-3)


def test_the_diagonal_option_takes_the_variances_of_a_full_covariance():
    whole = []
    for features in (REAL, FAKE):
        statistics = FeatureStatistics(16)
        statistics.update(features)
        whole.append(Samples(statistics=statistics))
    expected = FID(diagonal=True)(*sides())
    np.testing.assert_allclose(FID(diagonal=True)(*whole).value, expected.value, rtol=1e-10)
    assert FID(diagonal=True)(whole[0], sides()[1]).value == pytest.approx(expected.value, rel=1e-10)


def test_variances_alone_have_no_full_covariance():
    statistics = FeatureStatistics(16, diagonal=True)
    statistics.update(REAL)
    with pytest.raises(ValueError, match=r"measure FID\(diagonal=True\): these statistics hold variances only"):
        FID()(Samples(statistics=statistics), sides()[1])
