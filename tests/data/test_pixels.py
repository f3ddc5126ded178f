import numpy as np
import pytest
import tensorflow as tf

from tfgan_tricks.data import to_float, to_uint8

LEVELS = np.arange(256, dtype=np.uint8)


@pytest.mark.parametrize("convert", [np.asarray, tf.constant])
def test_levels_are_evenly_spaced_in_minus_one_to_one_and_come_back_unchanged(convert):
    floats = to_float(convert(LEVELS))
    np.testing.assert_allclose(floats, np.linspace(-1.0, 1.0, 256), atol=1e-6)
    assert floats.dtype == (np.float32 if convert is np.asarray else tf.float32)
    assert np.array_equal(to_uint8(floats), LEVELS)


@pytest.mark.parametrize("convert", [np.asarray, tf.constant])
def test_floats_go_to_the_nearest_level_and_are_clipped(convert):
    step = 2.0 / 255.0
    floats = convert(np.array([-7.0, -1.0 + 0.4 * step, -1.0 + 0.6 * step, 1.0 - 0.4 * step, 1.5], np.float32))
    assert np.asarray(to_uint8(floats)).tolist() == [0, 0, 1, 255, 255]


def test_half_precision_is_converted_in_float32():
    floats = tf.cast(tf.constant([-1.0, 0.0, 1.0]), tf.bfloat16)
    assert to_uint8(floats).numpy().tolist() == [0, 128, 255]  # 127.5 to the even level
