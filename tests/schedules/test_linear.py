"""`Linear` against NumPy's interpolation."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan_tricks.schedules import Linear


@pytest.mark.parametrize(("start", "end"), [(0.1, 0.0), (0.0, 5.0), (-1.0, 3.0), (2.0, 2.0)])
def test_straight_line_then_constant(start, end):
    schedule = Linear(start, end, images=1_000)
    for images in (0, 1, 250, 333, 999, 1_000, 1_001, 10**9, 10**13):
        value = schedule(tf.constant(images, tf.int64))
        assert value.dtype == tf.float32
        assert value.shape == ()
        assert float(value) == pytest.approx(np.interp(images, [0, 1_000], [start, end]), rel=1e-6, abs=1e-7)


def test_ends_are_exact():
    schedule = Linear(0.1, 0.7, images=3)
    assert float(schedule(0)) == np.float32(0.1)
    assert float(schedule(3)) == np.float32(0.7)


def test_takes_python_numbers_and_variables():
    schedule = Linear(1.0, 0.0, images=100)
    assert float(schedule(25)) == float(schedule(tf.Variable(25, dtype=tf.int64))) == 0.75


def test_long_runs_are_resolved():
    schedule = Linear(0.0, 1.0, images=10**9)
    assert float(schedule(tf.constant(123_456_789, tf.int64))) == pytest.approx(0.123456789, rel=1e-6)


@pytest.mark.parametrize("images", [0, -5, 1.5, None])
def test_length_must_be_a_positive_integer(images):
    with pytest.raises(ValueError, match="`images` must be an integer of at least 1"):
        Linear(0.0, 1.0, images=images)
