"""`Normal`: moments and quantiles of the Gaussian, and its seeds."""

import math

import numpy as np
import pytest

from tests.support.sampling import check_moments, check_sampling
from tfgan_tricks.latents import Normal


@pytest.mark.parametrize(("mean", "stddev"), [(0.0, 1.0), (2.0, 0.5)])
def test_moments(mean, stddev):
    check_moments(Normal(4, mean, stddev).sample(20_000, seed=1), mean, stddev**2)


def test_quantiles():
    draws = (Normal(10, mean=2.0, stddev=0.5).sample(5_000, seed=1).numpy().ravel() - 2.0) / 0.5
    for point in (-2.0, -1.0, -0.3, 0.0, 0.7, 1.5):
        share = 0.5 * (1 + math.erf(point / math.sqrt(2)))
        assert np.mean(draws < point) == pytest.approx(share, abs=0.01)


def test_sampling_follows_the_seed():
    check_sampling(Normal(5, mean=-1.0, stddev=2.0))


@pytest.mark.parametrize("arguments", [{"dim": 0}, {"dim": 2.0}, {"dim": 2, "stddev": 0.0}, {"dim": 2, "stddev": "1"}])
def test_wrong_arguments_are_refused(arguments):
    name = list(arguments)[-1]
    with pytest.raises(ValueError, match=rf"`{name}`[\s\S]*Received: {name}="):
        Normal(**arguments)
