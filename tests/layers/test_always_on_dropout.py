"""Always-on dropout: what falls out, how often, and what becomes of the rest; see also test_always_on.py."""

import numpy as np
import pytest
import tensorflow as tf

from tests.support.sampling import check_moments
from tfgan_tricks.layers import AlwaysOnDropout

N, D = 4000, 25


def inputs() -> np.ndarray:
    return np.random.default_rng(0).uniform(0.5, 2.0, size=(N, D)).astype("float32")


@pytest.mark.parametrize("rate", [0.0, 0.25, 0.5, 0.9])
@pytest.mark.parametrize("training", [True, False])
def test_each_number_is_dropped_by_the_rate_and_kept_ones_are_scaled(rate, training):
    x = inputs()
    outputs = np.asarray(AlwaysOnDropout(rate, seed=1)(x, training=training))
    kept = outputs != 0
    np.testing.assert_allclose(outputs[kept], x[kept] / (1 - rate), rtol=1e-6)
    if rate:
        check_moments(kept.astype("float64"), mean=1 - rate, variance=rate * (1 - rate))  # independent of each other
    else:
        assert kept.all()


def test_gradient_passes_where_the_number_was_kept():
    x, weights = tf.constant(inputs()), np.random.default_rng(1).normal(size=(N, D)).astype("float32")
    with tf.GradientTape() as tape:
        tape.watch(x)
        outputs = AlwaysOnDropout(0.75, seed=1)(x)
        total = tf.reduce_sum(weights * outputs)
    expected = np.where(outputs.numpy() != 0, 4.0 * weights, 0.0)
    np.testing.assert_allclose(tape.gradient(total, x), expected, rtol=1e-6)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_the_rate_is_exact_in_half_precision(policy):
    rate, n = 0.001, 1_000_000  # bfloat16 has no uniform number between 0 and 1/256
    dropped = np.mean(np.asarray(AlwaysOnDropout(rate, seed=1, dtype=policy)(np.ones((n, 1))), "float32") == 0)
    assert dropped == pytest.approx(rate, abs=5 * np.sqrt(rate / n))


def test_infinities_and_zeros_are_dropped_cleanly():
    outputs = np.asarray(AlwaysOnDropout(0.5, seed=1)(np.full((100, 1), np.inf, "float32")))
    assert set(outputs.flatten()) == {0.0, np.inf}


@pytest.mark.parametrize(
    ("arguments", "match"),
    [({"rate": 1.0}, "rate=1.0"), ({"rate": -0.1}, "rate=-0.1"), ({"rate": "half"}, "rate='half'")],
)
def test_refuses(arguments, match):
    with pytest.raises(ValueError, match=match):
        AlwaysOnDropout(**arguments)
