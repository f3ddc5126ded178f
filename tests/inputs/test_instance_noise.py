"""`InstanceNoise`: the moments of its noise, when it is added, and what passes through it."""

import numpy as np
import pytest
import tensorflow as tf

from tests.support.matches import images_of
from tfgan_tricks.inputs import InstanceNoise
from tfgan_tricks.randomness import SeedStream
from tfgan_tricks.schedules import Linear

SHAPE = (64, 16, 16, 3)


def noise_of(layer, images=None, seed=1, **arguments) -> np.ndarray:
    images = images_of(SHAPE) if images is None else images
    return layer(images, training=True, seed=SeedStream.from_integer(seed), **arguments).numpy() - images


@pytest.mark.parametrize("stddev", [0.1, 0.75])
def test_noise_is_gaussian_with_the_given_standard_deviation(stddev):
    noise = noise_of(InstanceNoise(stddev))
    error = 1.0 / np.sqrt(noise.size)
    assert noise.mean() == pytest.approx(0.0, abs=4 * error * stddev)
    assert noise.std() == pytest.approx(stddev, rel=4 * error)
    assert np.mean((noise / stddev) ** 4) == pytest.approx(3.0, abs=0.15)


def test_noise_differs_between_examples_pixels_and_channels():
    noise = noise_of(InstanceNoise(1.0))
    for axis in range(4):
        one, other = np.split(noise, [noise.shape[axis] // 2], axis=axis)
        both = min(one.shape[axis], other.shape[axis])
        one, other = one.take(range(both), axis), other.take(range(both), axis)
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.04


def test_nothing_is_added_outside_of_training():
    images = images_of(SHAPE)
    np.testing.assert_array_equal(InstanceNoise(0.5)(images), images)
    np.testing.assert_array_equal(InstanceNoise(0.5)(images, training=False, seed=SeedStream.from_integer(1)), images)


@pytest.mark.parametrize(("images_seen", "stddev"), [(0, 0.8), (250, 0.6), (1_000, 0.0), (5_000, 0.0)])
def test_a_schedule_is_followed(images_seen, stddev):
    noise = noise_of(InstanceNoise(Linear(0.8, 0.0, images=1_000)), images_seen=tf.constant(images_seen, tf.int64))
    assert noise.std() == pytest.approx(stddev, rel=0.02)


def test_noise_is_a_function_of_the_seed():
    layer = InstanceNoise(0.5)
    np.testing.assert_array_equal(noise_of(layer, seed=3), noise_of(layer, seed=3))
    assert np.mean(noise_of(layer, seed=3) == noise_of(layer, seed=4)) < 0.01


def test_one_stream_gives_real_and_fake_images_different_noise():
    layer, stream, images = InstanceNoise(0.5), SeedStream.from_integer(1), np.zeros(SHAPE, "float32")
    real, fake = (layer(images, training=True, seed=stream).numpy() for _ in range(2))
    assert abs(np.corrcoef(real.ravel(), fake.ravel())[0, 1]) < 0.03


def test_gradient_passes_unchanged():
    images, weights = tf.constant(images_of(SHAPE)), images_of(SHAPE, seed=1)
    with tf.GradientTape() as tape:
        tape.watch(images)
        total = tf.reduce_sum(weights * InstanceNoise(0.5)(images, training=True, seed=SeedStream.from_integer(1)))
    np.testing.assert_array_equal(tape.gradient(total, images), weights)


def test_it_has_no_variables():
    layer = InstanceNoise(0.5)
    noise_of(layer)
    assert not layer.variables


@pytest.mark.parametrize("stddev", ["0.1", None, lambda images: 0.1])
def test_stddev_must_be_a_number_or_a_schedule(stddev):
    with pytest.raises(TypeError, match=r"`stddev` has the wrong type[\s\S]*Linear"):
        InstanceNoise(stddev)


def test_a_negative_standard_deviation_is_refused():
    with pytest.raises(ValueError, match=r"stddev=-0\.1"):
        InstanceNoise(-0.1)
