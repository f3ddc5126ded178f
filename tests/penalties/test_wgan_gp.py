"""WGAN-GP on critics in closed form, and the points between real and generated images."""

import numpy as np
import pytest
import tensorflow as tf

from tests.support.matches import images_of, linear_critic, match_of, quadratic_critic, symmetric_matrix
from tfgan_tricks.penalties import WGANGP
from tfgan_tricks.schedules import Linear

SHAPES = {"images": (5, 4, 3, 2), "vectors": (5, 7)}
each_shape = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
LAMBDA = 10.0


def weights_of_norm(norm: float, shape=(7,)) -> np.ndarray:
    weights = images_of(shape, seed=1)
    return weights * np.float32(norm / np.linalg.norm(weights))


def value_and_gradient(penalty, weights, shape=(5, 7), **fields):
    variable = tf.Variable(weights)
    with tf.GradientTape() as tape:
        value = penalty(match_of(linear_critic(variable), images_of(shape), images_of(shape, seed=2), **fields))
    return value, tape.gradient(value, variable).numpy()


@each_shape
@pytest.mark.parametrize("norm", [0.25, 1.0, 3.0])
def test_linear_critic(shape, norm):
    weights = weights_of_norm(norm, shape[1:])
    value, gradient = value_and_gradient(WGANGP(), weights, shape)
    assert value.dtype == tf.float32
    assert float(value) == pytest.approx(LAMBDA * (norm - 1) ** 2, rel=1e-5, abs=1e-9)
    np.testing.assert_allclose(gradient, 2 * LAMBDA * (norm - 1) * weights / norm, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("norm", "excess"), [(0.25, 0.0), (1.5, 0.5), (3.0, 2.0)])
def test_one_sided_form_penalises_norms_above_the_target_only(norm, excess):
    value, gradient = value_and_gradient(WGANGP(one_sided=True), weights_of_norm(norm))
    assert float(value) == pytest.approx(LAMBDA * excess**2, rel=1e-5)
    np.testing.assert_allclose(gradient, 2 * LAMBDA * excess * weights_of_norm(norm) / norm, rtol=1e-4)


def test_weight_and_target_are_free():
    value, _ = value_and_gradient(WGANGP(weight=2.0, target=0.5), weights_of_norm(3.0))
    assert float(value) == pytest.approx(2.0 * 2.5**2, rel=1e-5)
    schedule = Linear(0.0, 4.0, images=100)
    value, _ = value_and_gradient(WGANGP(weight=schedule), weights_of_norm(3.0), images_seen=25)
    assert float(value) == pytest.approx(1.0 * 2.0**2, rel=1e-5)


def test_gradient_is_finite_for_a_flat_critic():
    value, gradient = value_and_gradient(WGANGP(), np.zeros(7, "float32"))
    assert float(value) == pytest.approx(LAMBDA, rel=1e-4)  # (0 - 1)²
    np.testing.assert_array_equal(gradient, np.zeros(7))


@each_shape
def test_quadratic_critic_at_known_points(shape):
    """With real = fake all points coincide, and the penalty is λ·mean(‖Ax‖ - 1)²."""
    images = images_of(shape)
    matrix = symmetric_matrix(images[0].size)
    value = WGANGP()(match_of(quadratic_critic(matrix), images, images))
    norms = np.linalg.norm(images.reshape(5, -1) @ matrix, axis=1)
    assert float(value) == pytest.approx(LAMBDA * np.mean((norms - 1) ** 2), rel=1e-4)


@each_shape
def test_points_lie_on_the_segment_each_at_a_place_of_its_own(shape):
    n = 1_000
    shape = (n, *shape[1:])
    real, fake = images_of(shape), images_of(shape, seed=2)
    points = WGANGP().points(match_of(linear_critic(np.ones(shape[1:])), real, fake, seed=5)).numpy()
    flat = [value.reshape(n, -1) for value in (points - fake, real - fake)]
    share = np.sum(flat[0] * flat[1], axis=1) / np.sum(flat[1] ** 2, axis=1)
    np.testing.assert_allclose(flat[0], share[:, None] * flat[1], atol=1e-4)  # one share for all pixels
    assert len(np.unique(share)) > 0.99 * n
    np.testing.assert_allclose(np.sort(share), np.linspace(0, 1, n), atol=0.05)  # uniform


def test_points_follow_the_seed():
    real, fake = images_of((5, 7)), images_of((5, 7), seed=2)
    one, same, other = (WGANGP().points(match_of(linear_critic(np.ones(7)), real, fake, seed=s)) for s in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).min() > 0


def test_no_gradient_reaches_the_generator():
    with tf.GradientTape() as tape:
        shift = tf.Variable(1.0)
        fake = images_of((5, 7)) * shift
        value = WGANGP()(match_of(quadratic_critic(symmetric_matrix(7)), images_of((5, 7), seed=2), fake))
    assert tape.gradient(value, shift) is None


@pytest.mark.parametrize("target", [-1.0, "1"])
def test_target_must_not_be_negative(target):
    with pytest.raises(ValueError, match="`target` is out of range"):
        WGANGP(target=target)


def test_name_in_the_logs():
    assert WGANGP().name == "wgan_gp"
    assert WGANGP(name="smooth").name == "smooth"


def test_the_images_of_a_pack_lie_on_one_line():
    real = images_of((6, 4, 4, 1))
    match = match_of(linear_critic(np.ones((4, 4, 1), "float32")), real, np.zeros_like(real), group=2)
    share = (np.array(WGANGP().points(match)) / real)[:, 0, 0, 0]
    np.testing.assert_allclose(share[0::2], share[1::2], rtol=1e-4)
    assert len(set(np.round(share[0::2], 4))) == 3
