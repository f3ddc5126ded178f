"""Convolutions of a resized map, against loops in NumPy."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan_tricks.layers import SpatialModulation

RNG = np.random.default_rng(4)


def convolved(images, kernel, bias):
    """Returns the convolution with zeros around, pixel by pixel; the kernel is of odd size."""
    n, h, w, _ = images.shape
    reach = kernel.shape[0] // 2
    padded = np.pad(images.astype("float64"), [(0, 0), (reach, reach), (reach, reach), (0, 0)])
    result = np.zeros((n, h, w, kernel.shape[-1]))
    for i in range(h):
        for j in range(w):
            window = padded[:, i : i + kernel.shape[0], j : j + kernel.shape[1]]
            result[:, i, j] = np.tensordot(window, kernel, 3) + bias
    return result


def built(x_shape, map_shape, **arguments) -> SpatialModulation:
    """Returns the layer with random biases."""
    layer = SpatialModulation(**arguments)
    layer.build([x_shape, map_shape])
    for part in (layer.to_hidden, layer.to_scale, layer.to_offset):
        part.bias.assign(part.bias + RNG.normal(size=part.bias.shape))
    return layer


@pytest.mark.parametrize("map_size", [(4, 5), (8, 15), (2, 3), (7, 4)])
def test_scale_and_offset_are_two_layers_of_convolution_over_the_nearest_pixels(map_size):
    x, maps = np.zeros((2, 4, 5, 3), "float32"), RNG.normal(size=(2, *map_size, 2)).astype("float32")
    layer = built(x.shape, maps.shape, hidden=6)
    nearest = np.array([[maps[:, i * map_size[0] // 4, j * map_size[1] // 5] for j in range(5)] for i in range(4)])
    resized = np.moveaxis(nearest, 2, 0)  # [n, h, w, map channels]
    hidden = np.maximum(convolved(resized, layer.to_hidden.kernel.numpy(), layer.to_hidden.bias.numpy()), 0)
    for received, part in zip(layer([x, maps]), (layer.to_scale, layer.to_offset), strict=True):
        expected = convolved(hidden, part.kernel.numpy(), part.bias.numpy())
        np.testing.assert_allclose(received, expected, rtol=1e-4, atol=1e-5)


def test_one_graph_serves_any_size_of_x_and_map():
    layer = built((None, None, None, 3), (None, None, None, 2), hidden=6)
    compute = tf.function(
        lambda x, maps: layer([x, maps]),
        input_signature=[tf.TensorSpec((None, None, None, 3)), tf.TensorSpec((None, None, None, 2))],
    )
    for x_size, map_size in [((4, 5), (8, 15)), ((8, 3), (4, 3)), ((1, 1), (6, 2))]:
        x, maps = np.zeros((2, *x_size, 3), "float32"), RNG.normal(size=(2, *map_size, 2)).astype("float32")
        for one, other in zip(compute(x, maps), layer([x, maps]), strict=True):
            assert one.shape == x.shape
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    assert compute.experimental_get_tracing_count() == 1


def test_a_map_of_zeros_gives_the_plain_norm_at_the_start():
    scale, offset = SpatialModulation(hidden=6)([np.zeros((1, 4, 4, 3)), np.zeros((1, 4, 4, 2))])
    np.testing.assert_array_equal(scale, np.ones((1, 4, 4, 3)))
    np.testing.assert_array_equal(offset, np.zeros((1, 4, 4, 3)))


def test_class_numbers_are_refused_as_a_map():
    with pytest.raises(ValueError, match=r"(?s)needs a map of floats.*one_hot"):
        SpatialModulation()([np.zeros((1, 4, 4, 3)), np.zeros((1, 4, 4, 1), "int32")])
    with pytest.raises(ValueError, match=r"(?s)map of the wrong shape.*one_hot"):
        SpatialModulation().build([(1, 4, 4, 3), (1, 4, 4)])


def test_x_must_be_images():
    with pytest.raises(ValueError, match=r"(?s)x of the wrong shape.*StyleModulation"):
        SpatialModulation().build([(1, 4, 3), (1, 4, 4, 2)])


@pytest.mark.parametrize("argument", ["hidden", "kernel_size"])
def test_sizes_must_be_at_least_one(argument):
    with pytest.raises(ValueError, match=f"`{argument}` must be an integer of at least 1"):
        SpatialModulation(**{argument: 0})
