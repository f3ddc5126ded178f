"""Mean and standard deviation of a style, against NumPy; gradient against finite differences."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan_tricks.layers import StatisticsModulation

RNG = np.random.default_rng(3)
X = RNG.normal(size=(2, 4, 4, 3)).astype("float32")
STYLE = RNG.normal(3.0, 2.0, size=(2, 5, 2, 3)).astype("float32")


def test_scale_and_offset_are_the_deviation_and_mean_of_the_style():
    scale, offset = StatisticsModulation(epsilon=0.5)([X, STYLE])
    for n in range(2):
        for c in range(3):
            values = STYLE[n, :, :, c].astype("float64").ravel()
            mean = sum(values) / 10
            deviation = np.sqrt(sum((value - mean) ** 2 for value in values) / 10 + 0.5)
            np.testing.assert_allclose(offset[n, 0, 0, c], mean, rtol=1e-5)
            np.testing.assert_allclose(scale[n, 0, 0, c], deviation, rtol=1e-5)


def test_gradient_to_the_style_is_that_of_finite_differences():
    layer, weights = StatisticsModulation(dtype="float64"), RNG.normal(size=(2, 2, 1, 1, 3))

    def total(style):
        scale, offset = layer([tf.constant(X, "float64"), style])
        return tf.reduce_sum(weights[0] * scale) + tf.reduce_sum(weights[1] * offset)

    style, direction = STYLE.astype("float64"), RNG.normal(size=STYLE.shape)
    variable = tf.Variable(style)
    with tf.GradientTape() as tape:
        value = total(variable)
    slope = np.sum(tape.gradient(value, variable) * direction)
    difference = (total(style + 1e-5 * direction) - total(style - 1e-5 * direction)) / 2e-5
    np.testing.assert_allclose(slope, difference, rtol=1e-6)


def test_sequences_and_volumes_have_statistics_too():
    for positions in [(7,), (2, 3, 4)]:
        style = RNG.normal(size=(2, *positions, 3)).astype("float32")
        scale, offset = StatisticsModulation(1e-12)([RNG.normal(size=(2, 5, 3)).astype("float32"), style])
        assert scale.shape == (2, 1, 3)
        np.testing.assert_allclose(scale[:, 0], style.reshape((2, -1, 3)).std(1), rtol=1e-5)
        np.testing.assert_allclose(offset[:, 0], style.reshape((2, -1, 3)).mean(1), rtol=1e-4, atol=1e-6)


def test_a_large_mean_does_not_swallow_the_deviation():
    scale, _ = StatisticsModulation(1e-12)([X, STYLE + np.float32(4096)])
    np.testing.assert_allclose(np.reshape(scale, (2, 3)), STYLE.std((1, 2)), rtol=1e-3)


@pytest.mark.parametrize("shape", [(2, 3), (2, 5, 2, 4)])
def test_a_style_of_another_kind_is_refused(shape):
    with pytest.raises(ValueError, match=r"(?s)style that does not fit x.*StyleModulation"):
        StatisticsModulation().build([X.shape, shape])


def test_epsilon_must_be_above_zero():
    with pytest.raises(ValueError, match="`epsilon` is out of range"):
        StatisticsModulation(0.0)
