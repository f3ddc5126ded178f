"""Resize, then convolve: against a formula per pixel, and free of checkerboards."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from convolution_oracle import assert_value_and_slopes, convolve

from tfgan_tricks.layers import UpsampleConv2D

IMAGES = np.random.default_rng(0).normal(size=(2, 4, 3, 2))


def nearest(x, scale):
    rows, columns = ([i // scale for i in range(scale * size)] for size in x.shape[1:3])
    return x[:, rows][:, :, columns]


def bilinear(x, scale):
    """Between the two nearest pixel centres along each axis, the outermost pixels going on outside."""
    for axis in (1, 2):
        size = x.shape[axis]
        lines = []
        for i in range(scale * size):
            place = (i + 0.5) / scale - 0.5
            low, part = int(np.floor(place)), place - np.floor(place)
            one, other = (np.take(x, min(max(k, 0), size - 1), axis) for k in (low, low + 1))
            lines.append((1 - part) * one + part * other)
        x = np.stack(lines, axis)
    return x


@pytest.mark.parametrize("scale", [1, 2, 3])
@pytest.mark.parametrize("enlarge", [nearest, bilinear])
def test_is_the_convolution_of_the_enlarged_image(enlarge, scale):
    layer = UpsampleConv2D(3, (3, 2), interpolation=enlarge.__name__, scale=scale, dtype="float64")
    oracle = lambda x, kernel, bias: convolve(enlarge(x, scale), kernel, padding="same") + bias  # noqa: E731
    assert_value_and_slopes(layer, oracle, IMAGES)


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
def test_enlarges_as_keras_does(interpolation):
    layer = UpsampleConv2D(1, 1, interpolation=interpolation, scale=3)
    expected = keras.layers.UpSampling2D(3, interpolation=interpolation)(IMAGES)
    np.testing.assert_allclose(layer.enlarge(tf.constant(IMAGES)), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
def test_a_constant_image_stays_constant_where_a_transposed_convolution_makes_a_checkerboard(interpolation):
    flat = np.ones((1, 8, 8, 2)) * [0.5, -2.0]
    options = {"padding": "same", "kernel_initializer": "normal"}
    images = np.asarray(UpsampleConv2D(3, 3, interpolation=interpolation, **options)(flat))[:, 2:-2, 2:-2]
    np.testing.assert_allclose(images, np.broadcast_to(images[:, :1, :1], images.shape), rtol=1e-5, atol=1e-6)
    images = np.asarray(keras.layers.Conv2DTranspose(3, 3, strides=2, **options)(flat))[:, 2:-2, 2:-2]
    np.testing.assert_allclose(images[:, 2:, 2:], images[:, :-2, :-2], rtol=1e-5, atol=1e-6)  # of period 2
    assert np.abs(images[:, 1:] - images[:, :-1]).min() > 1e-3


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
def test_one_graph_serves_images_of_any_size(interpolation):
    layer = UpsampleConv2D(3, 3, interpolation=interpolation)
    layer.build((None, None, None, 2))
    compute = tf.function(lambda x: layer(x), input_signature=[tf.TensorSpec((None, None, None, 2))])
    for size in (1, 4, 5):
        x = np.random.default_rng(size).normal(size=(2, size, size + 1, 2)).astype("float32")
        np.testing.assert_allclose(compute(x), layer(x), rtol=1e-5, atol=1e-6)
    assert compute.experimental_get_tracing_count() == 1
    assert layer.compute_output_shape((None, None, 4, 2)) == (None, None, 8, 3)


def test_refuses_an_unknown_interpolation():
    with pytest.raises(ValueError, match=r"(?s)interpolation='nearst'.*did you mean 'nearest'"):
        UpsampleConv2D(3, 3, interpolation="nearst")


def test_refuses_a_scale_below_one():
    with pytest.raises(ValueError, match=r"(?s)scale=0.*scale=1 or more"):
        UpsampleConv2D(3, 3, scale=0)
