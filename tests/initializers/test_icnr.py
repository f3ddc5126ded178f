"""ICNR: a sub-pixel convolution that starts as nearest-neighbour upsampling."""

import keras
import numpy as np
import pytest

from tfgan_tricks.initializers import ICNR
from tfgan_tricks.layers import PixelShuffle


def images():
    return np.random.default_rng(0).normal(size=(2, 5, 4, 3)).astype("float32")


@pytest.mark.parametrize("scale", [2, 3])
def test_sub_pixel_convolution_equals_nearest_upsampling_of_a_plain_convolution(scale):
    def start():
        return keras.initializers.RandomNormal(seed=7)

    plain = keras.layers.Conv2D(2, 3, padding="same", kernel_initializer=start())
    small = np.asarray(plain(images()))
    expected = np.empty((2, 5 * scale, 4 * scale, 2), "float32")
    for row, column in np.ndindex(expected.shape[1:3]):
        expected[:, row, column] = small[:, row // scale, column // scale]
    kernel = ICNR(scale, start())
    convolution = keras.layers.Conv2D(2 * scale**2, 3, padding="same", kernel_initializer=kernel)
    received = PixelShuffle(scale)(convolution(images()))
    np.testing.assert_allclose(received, expected, rtol=1e-5, atol=1e-6)
    ordinary = keras.layers.Conv2D(2 * scale**2, 3, padding="same", kernel_initializer=start())
    assert np.abs(PixelShuffle(scale)(ordinary(images())) - expected).max() > 0.01  # what it is for


def test_a_dense_layer_and_a_bias_may_start_so_too():
    kernel, bias = ICNR(2, keras.initializers.RandomNormal(seed=1)), ICNR(2, keras.initializers.RandomNormal(seed=2))
    layer = keras.layers.Dense(12, kernel_initializer=kernel, bias_initializer=bias)
    outputs = np.asarray(layer(images()))
    blocks = outputs.reshape(2, 5, 4, 4, 3)
    for place in range(1, 4):
        np.testing.assert_array_equal(blocks[..., place, :], blocks[..., 0, :])
    assert len(np.unique(layer.bias)) == 3


def test_variance_is_that_of_the_plain_convolution():
    kernel = np.asarray(ICNR(2, keras.initializers.GlorotNormal(seed=3))((3, 3, 64, 256)))
    assert np.std(kernel) == pytest.approx(np.sqrt(2 / (9 * 64 + 9 * 64)), rel=0.02)  # of 64 outputs, not of 256


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_type_and_shape_are_as_asked_for(dtype):
    kernel = ICNR(2)((3, 3, 2, 8), dtype=dtype)
    assert keras.backend.standardize_dtype(kernel.dtype) == dtype
    assert tuple(kernel.shape) == (3, 3, 2, 8)


def test_the_inner_initializer_may_be_a_name_or_a_configuration():
    by_name = ICNR(2, "zeros")
    assert isinstance(by_name.initializer, keras.initializers.Zeros)
    inner = keras.initializers.serialize(keras.initializers.RandomNormal(stddev=0.3, seed=1))
    assert ICNR.from_config({"scale": 2, "initializer": inner}).initializer.stddev == 0.3


@pytest.mark.parametrize("shape", [(3, 3, 2, 6), ()])
def test_outputs_that_are_no_blocks_are_refused(shape):
    with pytest.raises(ValueError, match=r"divides by scale² = 4\n  Fix: give the layer 4·c outputs") as error:
        ICNR(2)(shape)
    assert str(shape) in str(error.value)


def test_a_scale_must_be_a_whole_number():
    with pytest.raises(ValueError, match="`scale` must be an integer of at least 1"):
        ICNR(0)
