"""`Uniform`: range, moments and quantiles, and its seeds."""

import numpy as np
import pytest

from tests.support.sampling import check_moments, check_sampling
from tfgan_tricks.latents import Uniform


@pytest.mark.parametrize(("low", "high"), [(-1.0, 1.0), (0.5, 2.5)])
def test_moments_and_range(low, high):
    samples = Uniform(4, low, high).sample(20_000, seed=1).numpy()
    check_moments(samples, (low + high) / 2, (high - low) ** 2 / 12)
    assert low <= samples.min() < low + 0.001
    assert high - 0.001 < samples.max() < high


def test_quantiles():
    draws = np.sort(Uniform(10, low=0.5, high=2.5).sample(2_000, seed=1).numpy().ravel())
    np.testing.assert_allclose(draws, np.linspace(0.5, 2.5, len(draws)), atol=0.03)


def test_default_is_that_of_dcgan():
    samples = Uniform(10).sample(1_000, seed=1).numpy()
    assert samples.min() == pytest.approx(-1.0, abs=0.01)
    assert samples.max() == pytest.approx(1.0, abs=0.01)


def test_sampling_follows_the_seed():
    check_sampling(Uniform(5, low=2.0, high=3.0))


@pytest.mark.parametrize(
    "arguments", [{"dim": 0}, {"dim": "2"}, {"dim": 2, "high": -1.0}, {"dim": 2, "low": 0.5, "high": 0.5}]
)
def test_wrong_arguments_are_refused(arguments):
    name = list(arguments)[-1]
    with pytest.raises(ValueError, match=rf"`{name}`[\s\S]*Received: {name}="):
        Uniform(**arguments)
