"""R2, ZeroCenteredGP, DRAGAN and WassersteinDivergence in closed form on linear and quadratic critics."""

import numpy as np
import pytest
import tensorflow as tf

from tests.support.matches import images_of, linear_critic, match_of, quadratic_critic, symmetric_matrix
from tfgan_tricks.penalties import DRAGAN, R2, WassersteinDivergence, ZeroCenteredGP

SHAPES = {"images": (5, 4, 3, 2), "vectors": (5, 7)}
each_shape = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
# Each penalty with its value on ⟨w, x⟩, given ‖w‖, and the factor of w in its gradient.
LINEAR = {
    "r2": (R2(gamma=3.0), lambda norm: 1.5 * norm**2, lambda norm: 3.0),
    "zero_centered_gp": (ZeroCenteredGP(weight=3.0), lambda norm: 3.0 * norm**2, lambda norm: 6.0),
    "dragan": (DRAGAN(weight=3.0), lambda norm: 3.0 * (norm - 1) ** 2, lambda norm: 6.0 * (norm - 1) / norm),
    "both": (WassersteinDivergence(k=0.5, p=3.0), lambda norm: 0.5 * norm**3, lambda norm: 1.5 * norm),
    "line": (WassersteinDivergence(k=0.5, p=4.0, where="line"), lambda norm: 0.5 * norm**4, lambda norm: 2 * norm**2),
}
each_penalty = pytest.mark.parametrize(("penalty", "value", "slope"), LINEAR.values(), ids=LINEAR.keys())


@each_shape
@each_penalty
def test_value_and_gradient_on_a_linear_critic(penalty, value, slope, shape):
    weights = tf.Variable(images_of(shape[1:], seed=1))
    norm = float(np.linalg.norm(weights))
    with tf.GradientTape() as tape:
        received = penalty(match_of(linear_critic(weights), images_of(shape), images_of(shape, seed=3)))
    assert float(received) == pytest.approx(value(norm), rel=1e-4)
    np.testing.assert_allclose(tape.gradient(received, weights), slope(norm) * weights.numpy(), rtol=1e-3)


@each_penalty
def test_a_patch_critic_is_penalised_for_the_mean_of_its_logits(penalty, value, slope):
    weights = images_of((7,), seed=1)

    def patches(images):  # [n, 2, 1]: logits 3⟨w, x⟩ and -⟨w, x⟩, whose mean is ⟨w, x⟩
        score = linear_critic(weights)(images)[:, :, None]
        return tf.concat([3.0 * score, -score], axis=1)

    received = penalty(match_of(patches, images_of((5, 7)), images_of((5, 7), seed=3)))
    assert float(received) == pytest.approx(value(float(np.linalg.norm(weights))), rel=1e-4)


@each_penalty
@pytest.mark.parametrize("scale", [0.0, 1e-20])
def test_the_gradient_is_finite_at_a_flat_critic(penalty, value, slope, scale):
    weights = tf.Variable(scale * images_of((7,), seed=1))
    with tf.GradientTape() as tape:
        received = penalty(match_of(linear_critic(weights), images_of((5, 7))))
    assert np.isfinite(received)
    assert np.isfinite(tape.gradient(received, weights)).all()


def test_r2_looks_at_the_generated_images_only():
    real, fake, matrix = 10.0 * images_of((5, 7), seed=9), images_of((5, 7)), symmetric_matrix(7)
    received = R2(gamma=3.0)(match_of(quadratic_critic(matrix), real, fake))
    assert float(received) == pytest.approx(1.5 * np.mean(np.sum((fake @ matrix) ** 2, axis=1)), rel=1e-4)


def test_the_divergence_looks_at_both_sides_in_equal_parts():
    real, fake, matrix = 2.0 * images_of((5, 7), seed=9), images_of((5, 7)), symmetric_matrix(7)
    received = WassersteinDivergence(k=2.0, p=6.0)(match_of(quadratic_critic(matrix), real, fake))
    norms = np.linalg.norm(np.concatenate([real, fake]) @ matrix, axis=1)
    assert float(received) == pytest.approx(2.0 * np.mean(norms**6), rel=1e-4)


def test_zero_centred_points_lie_between_real_and_fake():
    real, fake = np.ones((500, 3), "float32"), -np.ones((500, 3), "float32")
    points = ZeroCenteredGP().points(match_of(linear_critic(np.ones(3)), real, fake)).numpy()
    assert (np.ptp(points, axis=1) == 0).all()
    assert -1 <= points.min() < -0.9
    assert 0.9 < points.max() <= 1


def test_dragan_perturbs_each_pixel_by_up_to_half_a_standard_deviation():
    real = 3.0 * images_of((400, 5, 2, 1))
    shift = DRAGAN().points(match_of(linear_critic(np.ones((5, 2, 1))), real)).numpy() - real
    assert shift.min() >= 0
    assert shift.max() == pytest.approx(0.5 * real.std(), rel=1e-2)
    # The mean of 4,000 uniform numbers is within five of its standard errors.
    assert shift.mean() == pytest.approx(0.25 * real.std(), abs=5 * 0.5 * real.std() / np.sqrt(12 * 4_000))
    assert abs(np.corrcoef(shift[:, 0, 0, 0], shift[:, 1, 0, 0])[0, 1]) < 0.25


def test_each_update_draws_other_points():
    for penalty in (DRAGAN(), ZeroCenteredGP(), WassersteinDivergence(where="line")):
        match = match_of(linear_critic(np.ones(7)), images_of((5, 7)))
        assert not np.array_equal(penalty.points(match), penalty.points(match))


@pytest.mark.parametrize(("arguments", "word"), [({"p": 1.0}, "`p`"), ({"where": "real"}, "`where`")])
def test_refuses(arguments, word):
    with pytest.raises(ValueError, match=word):
        WassersteinDivergence(**arguments)
