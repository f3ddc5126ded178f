"""Blur before subsampling against a loop, and the paper's example of a shift."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from convolution_oracle import assert_value_and_slopes

from tfgan_tricks.layers import BlurPool2D

IMAGES = np.random.default_rng(0).normal(size=(2, 9, 6, 3))
PASCAL = {2: [1, 1], 3: [1, 2, 1], 4: [1, 3, 3, 1], 5: [1, 4, 6, 4, 1], 6: [1, 5, 10, 10, 5, 1]}
PASCAL[7] = [1, 6, 15, 20, 15, 6, 1]


def pixel(x, place, axis, padding):
    size = x.shape[axis]
    if 0 <= place < size:
        return np.take(x, place, axis)
    if padding == "same":
        return 0.0 * np.take(x, 0, axis)
    return np.take(x, -place if place < 0 else 2 * (size - 1) - place, axis)


def blurred(x, taps, strides, padding):
    """One output line at a time, along each axis."""
    for axis in (1, 2):
        size, lines = x.shape[axis], []
        before = 0 if padding == "valid" else (len(taps) - 1) // 2
        last = size - len(taps) if padding == "valid" else size - 1
        for start in range(0, last + 1, strides):
            places = [start + tap - before for tap in range(len(taps))]
            lines.append(
                sum(weight / sum(taps) * pixel(x, p, axis, padding) for weight, p in zip(taps, places, strict=True))
            )
        x = np.stack(lines, axis)
    return x


@pytest.mark.parametrize("padding", ["reflect", "same", "valid"])
@pytest.mark.parametrize(("kernel_size", "strides"), [(2, 2), (3, 2), (4, 3), (5, 1), (6, 2), (7, 2)])
def test_is_a_binomial_filter_at_every_strides_th_pixel(kernel_size, strides, padding):
    layer = BlurPool2D(kernel_size, strides, padding, dtype="float64")
    x = np.concatenate([IMAGES, IMAGES[:, :, ::-1]], axis=2)
    oracle = lambda x: blurred(x, PASCAL[kernel_size], strides, padding)  # noqa: E731
    assert_value_and_slopes(layer, oracle, x)
    assert layer.compute_output_shape(x.shape) == oracle(x).shape


@pytest.mark.parametrize("kernel_size", PASCAL)
def test_the_filter_sums_to_one_and_stops_the_highest_frequency(kernel_size):
    layer = BlurPool2D(kernel_size)
    np.testing.assert_array_equal(layer.taps * 2 ** (kernel_size - 1), PASCAL[kernel_size])
    level = np.ones((1, 8, 10, 2), "float32") * [3.0, -0.7]
    np.testing.assert_allclose(layer(level), np.broadcast_to([3.0, -0.7], (1, 4, 5, 2)), rtol=1e-6)
    alternating = np.ones((1, 12, 12, 1)) * (-1.0) ** np.arange(12)[:, None]
    np.testing.assert_allclose(layer(alternating), np.zeros((1, 6, 6, 1)), atol=1e-6)


def test_a_shift_changes_less_than_behind_a_max_pooling_alone():
    # The example of the paper's section 3: the signal 0 0 1 1 0 0 1 1 …, pooled as it is and shifted by one pixel.
    signal = np.tile([0.0, 0.0, 1.0, 1.0], 8)
    images = np.tile(signal, (1, 32, 1))[..., None]
    shifted = np.roll(images, 1, axis=2)
    pool = keras.layers.MaxPooling2D(2)
    dense, blur = keras.layers.MaxPooling2D(2, strides=1), BlurPool2D(3)
    rows = [np.asarray(f(x))[0, 8, 2:-2, 0] for f in (pool, lambda x: blur(dense(x))) for x in (images, shifted)]
    np.testing.assert_array_equal(rows[0], np.tile([0.0, 1.0], 6))
    np.testing.assert_array_equal(rows[1], np.ones(12))
    np.testing.assert_array_equal(rows[2][:11], [0.5, 1.0] * 5 + [0.5])
    np.testing.assert_array_equal(rows[3][:11], np.full(11, 0.75))


def test_one_graph_serves_images_of_any_size():
    layer = BlurPool2D(5, 2)
    compute = tf.function(lambda x: layer(x), input_signature=[tf.TensorSpec((None, None, None, 2))])
    for size in (3, 6, 7):
        x = np.random.default_rng(size).normal(size=(2, size, size + 1, 2)).astype("float32")
        np.testing.assert_allclose(compute(x), layer(x), rtol=1e-5, atol=1e-6)
    assert compute.experimental_get_tracing_count() == 1
    assert layer.compute_output_shape((None, None, 5, 2)) == (None, None, 3, 2)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"kernel_size": 1}, r"kernel_size=1.*kernel_size=2 or more"),
        ({"strides": -2}, r"strides=-2.*strides=1 or more"),
        ({"padding": "reflct"}, r"padding='reflct'.*did you mean 'reflect'"),
    ],
    ids=str,
)
def test_refuses_what_it_cannot_be_made_with(arguments, words):
    with pytest.raises(ValueError, match=f"(?s){words}"):
        BlurPool2D(**arguments)


@pytest.mark.parametrize(("padding", "least"), [("reflect", 3), ("valid", 5), ("same", 1)])
def test_refuses_an_image_too_small_for_its_padding(padding, least):
    layer = BlurPool2D(5, padding=padding)
    assert min(layer(np.ones((1, least, least, 1))).shape) == 1
    if least > 1:
        with pytest.raises(ValueError, match=rf"(?s)too small.*at least \({least}, {least}\).*padding='same'"):
            layer(np.ones((1, least, least - 1, 1)))


def test_refuses_vectors():
    with pytest.raises(ValueError, match=r"(?s)BlurPool2D works on images.*\(2, 3\).*4-D"):
        BlurPool2D()(np.ones((2, 3)))
