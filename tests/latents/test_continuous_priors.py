"""`TruncatedNormal`, `Hypersphere` and `Empirical` against their distributions."""

import keras
import numpy as np
import pytest
from scipy import stats

import tfgan_tricks as tt
from tests.support.sampling import check_moments, check_sampling
from tfgan_tricks.latents import Empirical, Hypersphere, TruncatedNormal

COVARIANCE = np.array([[2.0, 0.5, -0.3], [0.5, 1.0, 0.2], [-0.3, 0.2, 0.5]])
MEAN = np.array([1.0, -2.0, 0.5])


@pytest.mark.parametrize("threshold", [0.3, 1.0, 2.5, 8.0])
def test_truncation_is_the_gaussian_given_the_range(threshold):
    draws = np.asarray(TruncatedNormal(4, threshold).sample(5_000, seed=1), "float64")
    assert np.abs(draws).max() <= threshold
    known = stats.truncnorm(-threshold, threshold)
    check_moments(draws, 0.0, known.var())
    # Clipping would give the same range, and fail here: the largest gap between the distribution functions.
    assert stats.kstest(draws.ravel(), known.cdf).statistic < 2.0 / np.sqrt(draws.size)


def test_points_on_the_sphere_have_the_typical_length_of_a_gaussian_and_no_direction():
    draws = np.asarray(Hypersphere(5).sample(20_000, seed=1), "float64")
    np.testing.assert_allclose(np.linalg.norm(draws, axis=1), np.sqrt(5), rtol=1e-5)
    assert np.abs(draws.mean(axis=0)).max() < 5 / np.sqrt(len(draws))
    np.testing.assert_allclose(draws.T @ draws / len(draws), np.eye(5), atol=8 / np.sqrt(len(draws)))
    # A coordinate of a uniform direction in d dimensions: (1 + x)/2 has a Beta((d - 1)/2, (d - 1)/2) distribution.
    share = (1 + draws[:, 0] / np.sqrt(5)) / 2
    assert stats.kstest(share, stats.beta(2, 2).cdf).statistic < 2.0 / np.sqrt(len(share))


def test_one_gaussian_has_the_mean_and_covariance_of_the_features():
    features = np.random.default_rng(0).multivariate_normal(MEAN, COVARIANCE, size=2_000)
    prior = Empirical.fit(features)
    np.testing.assert_allclose(prior.mean, features.mean(axis=0))
    draws = np.asarray(prior.sample(40_000, seed=1), "float64")
    np.testing.assert_allclose(draws.mean(axis=0), features.mean(axis=0), atol=0.05)
    np.testing.assert_allclose(np.cov(draws.T), np.cov(features.T), atol=0.06)


def test_a_singular_covariance_stays_in_its_plane():
    direction = np.array([[1.0, 2.0, -1.0]])
    draws = np.asarray(Empirical(np.zeros(3), direction.T @ direction).sample(1_000, seed=1))
    np.testing.assert_allclose(draws @ [2.0, -1.0, 0.0], 0, atol=1e-4)
    assert np.std(draws[:, 0]) == pytest.approx(1.0, rel=0.1)


def test_a_mixture_finds_the_clusters_and_draws_each_as_often_as_it_is():
    rng = np.random.default_rng(0)
    clusters = [rng.normal(-5, 0.5, (300, 2)), rng.normal(5, 1.0, (900, 2))]
    prior = Empirical.fit(np.concatenate(clusters), components=2, seed=3)
    draws = np.asarray(prior.sample(8_000, seed=1), "float64")
    left = draws[draws[:, 0] < 0]
    assert len(left) / len(draws) == pytest.approx(0.25, abs=0.02)
    np.testing.assert_allclose(left.mean(axis=0), clusters[0].mean(axis=0), atol=0.1)
    np.testing.assert_allclose(np.cov(left.T), np.cov(clusters[0].T), atol=0.05)
    right = draws[draws[:, 0] > 0]
    np.testing.assert_allclose(np.cov(right.T), np.cov(clusters[1].T), atol=0.1)
    assert prior.weights is not None


@pytest.mark.parametrize("prior", [TruncatedNormal(4, 1.5), Hypersphere(4), Empirical(MEAN, COVARIANCE)], ids=repr)
def test_sampling_follows_the_seed(prior):
    check_sampling(prior)


def test_a_fitted_prior_comes_back_from_json():
    prior = Empirical.fit(np.random.default_rng(0).normal(size=(50, 3)), components=2)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(prior))
    assert again == prior
    np.testing.assert_array_equal(again.sample(4, seed=1), prior.sample(4, seed=1))


@pytest.mark.parametrize(
    "action",
    [
        lambda: Empirical(np.zeros(3), np.eye(2)),
        lambda: Empirical(np.zeros(2), [[1.0, 2.0], [2.0, 1.0]]),
        lambda: Empirical(np.zeros(2), [[1.0, 0.5], [0.0, 1.0]]),
        lambda: Empirical([0.0, np.nan], np.eye(2)),
        lambda: Empirical(np.zeros((2, 3)), np.stack([np.eye(3)] * 2), weights=(1.0, 0.0)),
        lambda: Empirical.fit(np.zeros(5)),
        lambda: Empirical.fit(np.full((5, 2), np.inf)),
        lambda: Empirical.fit(np.zeros((3, 2)), components=3),
    ],
)
def test_what_is_no_distribution_is_refused(action):
    with pytest.raises(ValueError, match=r"(?s)do not describe a distribution.*Fix: .*Empirical\.fit"):
        action()


@pytest.mark.parametrize(
    ("build", "name"), [(lambda: TruncatedNormal(4, 0.0), "threshold"), (lambda: Hypersphere(1), "dim")]
)
def test_wrong_arguments_are_refused(build, name):
    with pytest.raises(ValueError, match=f"`{name}`"):
        build()


def test_a_config_may_name_a_fitted_prior():
    text = "Empirical((0.0, 1.0), ((1.0, 0.0), (0.0, 2.0)))"
    assert tt.configuration.build(text, "latents").shape == (2,)
