"""R1 on critics in closed form: γ/2·‖w‖² for ⟨w, x⟩, γ/2·mean‖Ax‖² for ½xᵀAx, and the gradients in w and A."""

import numpy as np
import pytest
import tensorflow as tf

from tests.support.matches import images_of, linear_critic, match_of, quadratic_critic, symmetric_matrix
from tfgan_tricks.penalties import R1
from tfgan_tricks.schedules import Linear

SHAPES = {"images": (5, 4, 3, 2), "vectors": (5, 7)}
each_shape = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
GAMMA = 3.0


@each_shape
def test_linear_critic(shape):
    weights = images_of(shape[1:], seed=1)
    value = R1(gamma=GAMMA)(match_of(linear_critic(weights), images_of(shape)))
    assert value.dtype == tf.float32
    assert float(value) == pytest.approx(GAMMA / 2 * np.sum(weights**2), rel=1e-5)


@each_shape
def test_quadratic_critic_at_the_real_images_only(shape):
    real, fake = images_of(shape), 10.0 * images_of(shape, seed=9)
    matrix = symmetric_matrix(real[0].size)
    value = R1(gamma=GAMMA)(match_of(quadratic_critic(matrix), real, fake))
    expected = GAMMA / 2 * np.mean(np.sum((real.reshape(5, -1) @ matrix) ** 2, axis=1))
    assert float(value) == pytest.approx(expected, rel=1e-4)


def test_one_value_per_example_without_gamma():
    real = images_of((5, 7))
    matrix = symmetric_matrix(7)
    values = R1(gamma=GAMMA).call(match_of(quadratic_critic(matrix), real))
    np.testing.assert_allclose(values, 0.5 * np.sum((real @ matrix) ** 2, axis=1), rtol=1e-4)


@each_shape
def test_gradient_in_the_weights_of_a_linear_critic_is_gamma_w(shape):
    weights = tf.Variable(images_of(shape[1:], seed=1))
    with tf.GradientTape() as tape:
        value = R1(gamma=GAMMA)(match_of(linear_critic(weights), images_of(shape)))
    np.testing.assert_allclose(tape.gradient(value, weights), GAMMA * weights.numpy(), rtol=1e-4)


def test_gradient_in_the_matrix_of_a_quadratic_critic():
    real, matrix = images_of((5, 7)), symmetric_matrix(7)
    variable = tf.Variable(matrix)
    with tf.GradientTape() as tape:
        value = R1(gamma=GAMMA)(match_of(quadratic_critic(variable), real))
    slopes = real @ matrix  # the input gradients, [n, d]
    product = slopes.T @ real / len(real)
    np.testing.assert_allclose(tape.gradient(value, variable), GAMMA / 2 * (product + product.T), rtol=1e-4, atol=1e-4)


def test_value_and_gradient_are_exactly_zero_for_a_flat_critic():
    weights = tf.Variable(tf.zeros(7))
    with tf.GradientTape() as tape:
        value = R1(gamma=GAMMA)(match_of(linear_critic(weights), images_of((5, 7))))
    assert float(value) == 0.0
    np.testing.assert_array_equal(tape.gradient(value, weights), np.zeros(7))


def test_gamma_may_follow_a_schedule():
    weights = images_of((7,), seed=1)
    value = R1(Linear(10.0, 2.0, images=100))(match_of(linear_critic(weights), images_of((5, 7)), images_seen=75))
    assert float(value) == pytest.approx(4.0 / 2 * np.sum(weights**2), rel=1e-5)


def test_lazy_regularisation_keeps_the_average_strength():
    weights = tf.Variable(images_of((7,), seed=1))
    penalty = R1(gamma=GAMMA, every=4)

    @tf.function
    def value_and_gradient(step):
        with tf.GradientTape() as tape:
            value = penalty(match_of(linear_critic(weights), images_of((5, 7)), step=step))
        return value, tape.gradient(value, weights)

    values, gradients = zip(*(value_and_gradient(tf.constant(step)) for step in range(8)), strict=True)
    plain = GAMMA / 2 * np.sum(weights.numpy() ** 2)
    np.testing.assert_allclose(values, [4 * plain, 0, 0, 0] * 2, rtol=1e-5)
    np.testing.assert_allclose(np.mean(gradients, axis=0), GAMMA * weights.numpy(), rtol=1e-4)


def test_no_gradient_reaches_the_generator():
    with tf.GradientTape() as tape:
        shift = tf.Variable(1.0)
        images = images_of((5, 7)) * shift
        value = R1()(match_of(quadratic_critic(symmetric_matrix(7)), images, images))
    assert tape.gradient(value, shift) is None


@pytest.mark.parametrize("gamma", ["10", None, lambda images: 1.0])
def test_gamma_must_be_a_number_or_a_schedule(gamma):
    with pytest.raises(TypeError, match="wrong type"):
        R1(gamma=gamma)
