"""What every prior must do, whatever its distribution."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_tricks.latents import Prior
from tfgan_tricks.randomness import SeedStream


def check_sampling(prior: Prior, discrete: bool = False) -> None:
    """Holds a prior to its shape and type, and to drawing by the seed alone; of discrete parts, draws may agree."""
    one = prior.sample(8, seed=1)
    assert one.shape == (8, *prior.shape)
    assert one.dtype == tf.float32
    np.testing.assert_array_equal(one, prior.sample(8, seed=1))
    np.testing.assert_array_equal(one, prior.sample(8, seed=SeedStream.from_integer(1)))
    repeated = 0.99 if discrete else 0.01
    assert np.mean(one == prior.sample(8, seed=2)) < repeated
    assert discrete or len(np.unique(one, axis=0)) == 8, "examples repeat"
    stream = SeedStream.from_integer(1)
    assert np.mean(prior.sample(8, stream) == prior.sample(8, stream)) < repeated
    generator = keras.random.SeedGenerator(1)
    assert np.mean(prior.sample(8, generator) == prior.sample(8, generator)) < repeated
    sample = tf.function(lambda n, seed: prior.sample(n, SeedStream.from_integer(seed)))
    np.testing.assert_allclose(sample(tf.constant(8), tf.constant(1)), one, rtol=1e-5, atol=1e-6)
    assert sample(tf.constant(5), tf.constant(1)).shape == (5, *prior.shape)


def check_moments(samples, mean: float, variance: float) -> None:
    """Compares mean, variance and correlation of iid coordinates [n, d] with what they should be."""
    samples = np.asarray(samples, "float64")
    n, d = samples.shape
    deviation = np.sqrt(variance)
    np.testing.assert_allclose(samples.mean(axis=0), mean, atol=5 * deviation / np.sqrt(n))
    np.testing.assert_allclose(samples.var(axis=0), variance, rtol=8 / np.sqrt(n))
    correlation = np.corrcoef(samples, rowvar=False)
    assert np.abs(correlation - np.eye(d)).max() < 5 / np.sqrt(n), "coordinates depend on each other"
    assert samples.mean() == pytest.approx(mean, abs=5 * deviation / np.sqrt(n * d))
