"""Low-pass, then convolve: against a loop over blocks, and no checkerboards in the gradient."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from convolution_oracle import assemble, assert_value_and_slopes, convolve

from tfgan_tricks.layers import BlurPool2D, DownsampleConv2D

IMAGES = np.random.default_rng(0).normal(size=(2, 6, 12, 2))
TRIANGLES = {1: [1], 2: [1, 2, 1], 3: [1, 2, 3, 2, 1]}


def average(x, scale):
    """The mean of each block."""
    places = [(i, j) for i in range(x.shape[1] // scale) for j in range(x.shape[2] // scale)]
    blocks = ((i, j, x[:, i * scale : (i + 1) * scale, j * scale : (j + 1) * scale]) for i, j in places)
    return assemble((i, j, block.mean(axis=(1, 2))) for i, j, block in blocks)


def blur(x, scale):
    """A triangle around every `scale`-th pixel; pixel −1 is pixel 1, and so at the other end."""
    taps = TRIANGLES[scale]
    for axis in (1, 2):
        size, lines = x.shape[axis], []
        for centre in range(0, size, scale):
            line = 0.0
            for tap, weight in enumerate(taps):
                place = abs(centre + tap - len(taps) // 2)
                place = 2 * (size - 1) - place if place >= size else place
                line = line + weight / sum(taps) * np.take(x, place, axis)
            lines.append(line)
        x = np.stack(lines, axis)
    return x


@pytest.mark.parametrize("scale", [1, 2, 3])
@pytest.mark.parametrize("reduce", [average, blur])
def test_is_the_convolution_of_the_reduced_image(reduce, scale):
    layer = DownsampleConv2D(3, (3, 2), method=reduce.__name__, scale=scale, dtype="float64")
    oracle = lambda x, kernel, bias: convolve(reduce(x, scale), kernel, padding="same") + bias  # noqa: E731
    assert_value_and_slopes(layer, oracle, IMAGES)


def test_the_last_block_of_an_odd_size_is_the_mean_of_what_is_there():
    x = IMAGES[:, :5, :7]
    layer = DownsampleConv2D(1, 1, dtype="float64")
    reduced = layer.reduce(tf.constant(x))
    assert tuple(reduced.shape) == (2, 3, 4, 2)
    np.testing.assert_allclose(reduced[:, :2, :3], average(x, 2))
    np.testing.assert_allclose(reduced[:, 2, 3], x[:, 4, 6])
    np.testing.assert_allclose(reduced[:, 2, 0], x[:, 4, :2].mean(axis=1))


def test_blur_at_scale_two_is_the_triangle_of_three_taps():
    reduced = DownsampleConv2D(1, 1, method="blur").reduce(tf.constant(IMAGES))
    np.testing.assert_allclose(reduced, BlurPool2D(3, dtype="float64")(IMAGES), rtol=1e-12)


def gradient_in_the_interior(layer):
    images = tf.constant(np.ones((1, 24, 24, 2), "float32"))
    with tf.GradientTape() as tape:
        tape.watch(images)
        total = tf.reduce_sum(layer(images) * [1.0, -2.0, 3.0])
    return tape.gradient(total, images).numpy()[:, 8:-8, 8:-8]


@pytest.mark.parametrize("scale", [2, 3])
@pytest.mark.parametrize("method", ["average", "blur"])
def test_all_pixels_get_the_same_gradient_where_a_stride_makes_a_checkerboard(method, scale):
    options = {"padding": "same", "kernel_initializer": "normal"}
    received = gradient_in_the_interior(DownsampleConv2D(3, 3, method=method, scale=scale, **options))
    np.testing.assert_allclose(received, np.broadcast_to(received[:, :1, :1], received.shape), rtol=1e-4, atol=1e-6)
    assert np.abs(received).min() > 1e-4
    strided = gradient_in_the_interior(keras.layers.Conv2D(3, 3, strides=2, **options))
    assert np.abs(strided[:, 1:] - strided[:, :-1]).min() > 1e-3


@pytest.mark.parametrize("method", ["average", "blur"])
def test_one_graph_serves_images_of_any_size(method):
    layer = DownsampleConv2D(3, 3, method=method)
    layer.build((None, None, None, 2))
    compute = tf.function(lambda x: layer(x), input_signature=[tf.TensorSpec((None, None, None, 2))])
    for size in (2, 5, 8):
        x = np.random.default_rng(size).normal(size=(2, size, size + 1, 2)).astype("float32")
        np.testing.assert_allclose(compute(x), layer(x), rtol=1e-5, atol=1e-6)
    assert compute.experimental_get_tracing_count() == 1
    assert layer.compute_output_shape((None, None, 5, 2)) == (None, None, 3, 3)


def test_refuses_an_unknown_method():
    with pytest.raises(ValueError, match=r"(?s)method='avg'.*did you mean 'average'"):
        DownsampleConv2D(3, 3, method="avg")


def test_refuses_an_image_too_small_to_reflect():
    with pytest.raises(ValueError, match=r"(?s)\(1, 2, 9, 1\).*at least \(3, 3\).*method='average'"):
        DownsampleConv2D(3, 3, method="blur", scale=3)(np.ones((1, 2, 9, 1)))
