"""The engine of the penalties: where it looks, what it measures, under XLA and in low precision."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.support.matches import images_of, linear_critic, match_of, quadratic_critic, symmetric_matrix
from tfgan_tricks.inputs import Packing
from tfgan_tricks.penalties import R1, WGANGP, GradientPenalty

REAL, FAKE, MATRIX = images_of((5, 7)), 2.0 * images_of((5, 7), seed=2), symmetric_matrix(7)


def norms_at(images) -> np.ndarray:
    return np.linalg.norm(images @ MATRIX, axis=1)


@pytest.mark.parametrize(("where", "images"), [("real", REAL), ("fake", FAKE)])
@pytest.mark.parametrize("target", [0.0, 1.5])
@pytest.mark.parametrize("one_sided", [False, True])
def test_closed_form_on_a_quadratic_critic(where, images, target, one_sided):
    penalty = GradientPenalty(where, target=target, one_sided=one_sided, weight=2.0)
    excess = norms_at(images) - target
    expected = 2.0 * np.mean((np.maximum(excess, 0.0) if one_sided else excess) ** 2)
    assert float(penalty(match_of(quadratic_critic(MATRIX), REAL, FAKE))) == pytest.approx(expected, rel=1e-4)


def test_the_line_starts_at_fake_and_ends_at_real():
    penalty = GradientPenalty("line")
    points = penalty.points(match_of(quadratic_critic(MATRIX), REAL, FAKE)).numpy()
    share = (points - FAKE) / (REAL - FAKE)
    assert share.min() >= 0.0
    assert share.max() <= 1.0
    assert np.ptp(share, axis=1).max() < 1e-3
    assert len(np.unique(share[:, 0].round(4))) == 5


def test_zero_target_is_exact_where_the_gradient_vanishes():
    weights = tf.Variable(tf.zeros(7))
    with tf.GradientTape() as tape:
        value = GradientPenalty("real")(match_of(linear_critic(weights), REAL))
    assert float(value) == 0.0
    np.testing.assert_array_equal(tape.gradient(value, weights), np.zeros(7))


@pytest.mark.parametrize("one_sided", [False, True])
@pytest.mark.parametrize("scale", [0.0, 1e-20, 1e-6])
def test_gradient_in_the_weights_is_finite_near_a_flat_critic(scale, one_sided):
    weights = tf.Variable(scale * images_of((7,), seed=1))
    with tf.GradientTape() as tape:
        value = GradientPenalty("real", target=1.0, one_sided=one_sided)(match_of(linear_critic(weights), REAL))
    assert np.isfinite(tape.gradient(value, weights)).all()


@pytest.mark.parametrize("penalty", [R1(2.0), WGANGP(target=0.5)], ids=["r1", "wgan_gp"])
def test_a_pack_counts_as_one_example(penalty):
    images, packing, weights = images_of((6, 2, 2, 1)), Packing(2), images_of((2, 2, 2), seed=1)
    match = match_of(lambda images: linear_critic(weights)(packing(images)), images)
    norm = np.linalg.norm(weights)
    assert penalty.call(match).shape == (3,)
    expected = {"r1": 2.0 / 2 * norm**2, "wgan_gp": 10.0 * (norm - 0.5) ** 2}[penalty.name]
    assert float(penalty(match)) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("penalty", [R1(2.0, every=2), WGANGP(5.0, every=2)], ids=["r1", "wgan_gp"])
def test_xla_gives_the_closed_form_and_its_gradient(penalty):
    weights = tf.Variable(images_of((7,), seed=1))

    @tf.function(jit_compile=True)
    def value_and_gradient(step):
        with tf.GradientTape() as tape:
            value = penalty(match_of(linear_critic(weights), REAL, FAKE, step=step))
        return value, tape.gradient(value, weights)

    norm = np.linalg.norm(weights)
    expected, slope = {"r1": (norm**2, 2.0), "wgan_gp": (5.0 * (norm - 1) ** 2, 10.0 * (norm - 1) / norm)}[penalty.name]
    value, gradient = value_and_gradient(tf.constant(4))
    assert float(value) == pytest.approx(2 * expected, rel=1e-4)
    np.testing.assert_allclose(gradient, 2 * slope * weights.numpy(), rtol=1e-3)
    value, gradient = value_and_gradient(tf.constant(5))
    assert float(value) == 0.0
    np.testing.assert_array_equal(gradient, np.zeros(7))


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_a_critic_in_low_precision_gives_a_float32_penalty(policy):
    critic = keras.layers.Dense(1, use_bias=False, dtype=policy)
    critic.build((None, 7))
    with tf.GradientTape() as tape:
        value = R1(gamma=3.0)(match_of(lambda images: tf.cast(critic(images), tf.float32), REAL))
    gradient = tape.gradient(value, critic.kernel.value)
    kernel = critic.kernel.numpy()
    assert value.dtype == gradient.dtype == tf.float32
    assert float(value) == pytest.approx(3.0 / 2 * np.sum(kernel**2), rel=2e-2)
    np.testing.assert_allclose(gradient, 3.0 * kernel, rtol=2e-2, atol=1e-2)


def test_penalties_are_the_discriminators_alone():
    for penalty in (GradientPenalty("fake"), R1(), WGANGP()):
        assert penalty.players == ("discriminator",)
        assert not penalty.needs_real


@pytest.mark.parametrize("where", ["reel", "", None])
def test_an_unknown_place_is_refused(where):
    with pytest.raises(ValueError, match=r"Unknown value for `where`[\s\S]*'real', 'fake', 'line'"):
        GradientPenalty(where)
