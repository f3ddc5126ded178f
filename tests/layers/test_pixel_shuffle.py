"""PixelShuffle and PixelUnshuffle against index arithmetic, TensorFlow's operations and each other."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_tricks.layers import PixelShuffle, PixelUnshuffle

SHAPES = [(2, 3, 4, 12, 2), (1, 2, 5, 18, 3), (2, 3, 2, 5, 1)]  # n, h, w, channels, r
each_shape = pytest.mark.parametrize("shape", SHAPES)


def by_index(x, r):
    """Returns the shuffled image, one number at a time."""
    n, h, w, channels = x.shape
    c = channels // r**2
    image = np.empty((n, h * r, w * r, c), x.dtype)
    for place in np.ndindex(image.shape):
        example, row, column, k = place
        image[place] = x[example, row // r, column // r, ((row % r) * r + column % r) * c + k]
    return image


@each_shape
def test_equals_index_arithmetic_and_the_operation_of_tensorflow(shape):
    *size, r = shape
    x = np.random.default_rng(0).normal(size=size).astype("float32")
    image = by_index(x, r)
    np.testing.assert_array_equal(PixelShuffle(r)(x), image)
    np.testing.assert_array_equal(PixelUnshuffle(r)(image), x)
    if r > 1:
        np.testing.assert_array_equal(tf.nn.depth_to_space(x, r), image)
        np.testing.assert_array_equal(tf.nn.space_to_depth(image, r), x)


@each_shape
def test_gradient_is_the_inverse_rearrangement(shape):
    *size, r = shape
    x = tf.constant(np.random.default_rng(0).normal(size=size), "float32")
    weights = np.random.default_rng(1).normal(size=size).astype("float32")
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.reduce_sum(by_index(weights, r) * PixelShuffle(r)(x))
    np.testing.assert_array_equal(tape.gradient(total, x), weights)
    image = tf.constant(by_index(x.numpy(), r))
    with tf.GradientTape() as tape:
        tape.watch(image)
        total = tf.reduce_sum(weights * PixelUnshuffle(r)(image))
    np.testing.assert_array_equal(tape.gradient(total, image), by_index(weights, r))


def test_they_undo_each_other():
    x = np.random.default_rng(0).normal(size=(2, 6, 9, 18)).astype("float32")
    np.testing.assert_array_equal(PixelUnshuffle(3)(PixelShuffle(3)(x)), x)
    np.testing.assert_array_equal(PixelShuffle(3)(PixelUnshuffle(3)(x)), x)


def test_one_graph_serves_all_sizes():
    shuffle, unshuffle = PixelShuffle(2), PixelUnshuffle(2)
    one = tf.function(shuffle, input_signature=[tf.TensorSpec((None, None, None, 8))])
    other = tf.function(unshuffle, input_signature=[tf.TensorSpec((None, None, None, 2))])
    for size in [(2, 3, 4, 8), (0, 3, 4, 8), (1, 5, 1, 8)]:
        x = np.random.default_rng(0).normal(size=size).astype("float32")
        np.testing.assert_array_equal(one(x), by_index(x, 2))
        np.testing.assert_array_equal(other(by_index(x, 2)), x)
    assert one.experimental_get_tracing_count() == other.experimental_get_tracing_count() == 1
    inputs = keras.Input((None, 6, 8))
    assert shuffle(inputs).shape == (None, None, 12, 2)
    assert unshuffle(inputs).shape == (None, None, 3, 32)
    with pytest.raises(tf.errors.InvalidArgumentError):
        other(np.zeros((1, 3, 4, 2), "float32"))  # as documented: the reshape refuses


@pytest.mark.parametrize(
    ("layer", "shape", "words"),
    [
        (PixelShuffle, (2, 4, 4, 6), ["(2, 4, 4, 6)", "r=2", "divisible by r² = 4", "4·c filters"]),
        (PixelShuffle, (2, 4, 8), ["(2, 4, 8)", "(n, h, w, channels)"]),
        (PixelShuffle, (2, 4, 4, None), ["None", "known"]),
        (PixelUnshuffle, (2, 4, 5, 3), ["(2, 4, 5, 3)", "divisible by r = 2", "pad or crop"]),
        (PixelUnshuffle, (2, 3, None, 3), ["(2, 3, None, 3)", "divisible by r = 2"]),
        (PixelUnshuffle, (2, 4, 4, 4, 1), ["(2, 4, 4, 4, 1)", "(n, height, width, c)"]),
    ],
)
def test_wrong_shapes_are_refused_with_what_to_do(layer, shape, words):
    for use in ("build", "compute_output_shape"):
        with pytest.raises(ValueError, match=layer.__name__) as error:
            getattr(layer(2), use)(shape)
        assert all(word in str(error.value) for word in words)


@pytest.mark.parametrize("layer", [PixelShuffle, PixelUnshuffle])
@pytest.mark.parametrize("r", [0, -2, 1.5, True])
def test_a_factor_must_be_a_whole_number(layer, r):
    with pytest.raises(ValueError, match="`r` must be an integer of at least 1"):
        layer(r)
