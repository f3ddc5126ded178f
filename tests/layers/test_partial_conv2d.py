"""Partial convolutions against a loop over windows."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from convolution_oracle import assemble, assert_value_and_slopes, random_weights, windows

from tfgan_tricks.layers import PartialConv2D

RNG = np.random.default_rng(0)
IMAGES = RNG.normal(size=(2, 7, 6, 2))
HOLES = RNG.integers(2, size=(2, 7, 6, 2)).astype("float64")
HOLES[0, :4, :4] = 0.0  # so that some windows see nothing


def partial(x, mask, kernel, bias, activation=lambda x: x, **options):
    """One window at a time, the formula of the paper; a mask of one channel counts pixels, one of c counts values."""
    outputs, known = [], []
    masks = windows(mask, kernel.shape[:2], **options)
    for (i, j, seen), (_, _, m) in zip(windows(x, kernel.shape[:2], **options), masks, strict=True):
        output, new = np.zeros((len(x), kernel.shape[-1])), np.zeros((len(x), 1))
        for example in range(len(x)):
            count = np.sum(m[example])
            if count > 0:
                total = np.sum((seen[example] * m[example])[..., None] * kernel, axis=(0, 1, 2))
                output[example] = activation(total * m[example].size / count + bias)
                new[example] = 1.0
        outputs.append((i, j, output))
        known.append((i, j, new))
    return assemble(outputs), assemble(known)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(
    "options", [{}, {"strides": (2, 1), "padding": "same"}, {"padding": "same", "dilation": (2, 2)}], ids=str
)
def test_is_the_formula_at_each_window(channels, options):
    names = {"dilation": "dilation_rate"}
    layer = PartialConv2D(3, (3, 2), dtype="float64", **{names.get(k, k): v for k, v in options.items()})
    mask = HOLES[..., :channels]
    oracle = lambda *arrays: partial(*arrays, **options)  # noqa: E731
    assert 0 < np.mean(oracle(IMAGES, mask, np.ones((3, 2, 2, 1)), 0.0)[1]) < 1
    assert_value_and_slopes(layer, oracle, IMAGES, mask, constants=[1])


def test_holes_give_zero_whatever_the_activation():
    layer = PartialConv2D(3, 2, activation="sigmoid", dtype="float64")
    oracle = lambda *arrays: partial(*arrays, activation=lambda x: 1 / (1 + np.exp(-x)))  # noqa: E731
    assert_value_and_slopes(layer, oracle, IMAGES, HOLES, constants=[1])


def test_goes_without_bias():
    layer = PartialConv2D(3, 2, use_bias=False, dtype="float64")
    oracle = lambda x, mask, kernel: partial(x, mask, kernel, 0.0)  # noqa: E731
    assert_value_and_slopes(layer, oracle, IMAGES, HOLES, constants=[1])


def test_what_is_in_the_holes_does_not_matter():
    layer = PartialConv2D(3, 3, padding="same")
    mask = HOLES[..., :1]
    other = IMAGES + 100 * (1 - mask)
    np.testing.assert_array_equal(layer([IMAGES, mask])[0], layer([other, mask])[0])


def test_all_holes_are_finite_in_value_and_gradient():
    layer = PartialConv2D(3, 3, padding="same")
    layer.build([IMAGES.shape, (*IMAGES.shape[:3], 1)])
    random_weights(layer)
    images = tf.constant(IMAGES, "float32")
    with tf.GradientTape() as tape:
        tape.watch(images)
        outputs, known = layer([images, tf.zeros((2, 7, 6, 1))])
        total = tf.reduce_sum(tf.cos(outputs) + outputs)
    np.testing.assert_array_equal(outputs, 0.0)
    np.testing.assert_array_equal(known, 0.0)
    for gradient in tape.gradient(total, [images, layer.kernel.value, layer.bias.value]):
        np.testing.assert_array_equal(gradient, 0.0)


def test_without_holes_it_is_a_convolution_that_makes_up_for_the_border():
    layer, plain = PartialConv2D(3, 3, padding="same"), keras.layers.Conv2D(3, 3, padding="same")
    plain.build(IMAGES.shape)
    layer.build([IMAGES.shape, (*IMAGES.shape[:3], 1)])
    random_weights(layer)
    plain.set_weights(layer.get_weights())
    outputs, known = layer([IMAGES, np.ones((2, 7, 6, 1))])
    expected = np.asarray(plain(IMAGES))
    np.testing.assert_array_equal(known, 1.0)
    np.testing.assert_allclose(outputs[:, 1:-1, 1:-1], expected[:, 1:-1, 1:-1], rtol=1e-4, atol=1e-5)
    corner = (expected[:, 0, 0] - layer.bias) * 9 / 4 + layer.bias  # 4 of 9 pixels are in the image
    np.testing.assert_allclose(outputs[:, 0, 0], corner, rtol=1e-4, atol=1e-5)


def test_layers_in_a_row_close_a_hole():
    mask = np.ones((1, 9, 9, 1))
    mask[:, 2:7, 2:7] = 0.0  # 5 × 5: two pixels deep and one in the middle
    x, remaining = RNG.normal(size=(1, 9, 9, 2)), []
    for _ in range(3):
        x, mask = PartialConv2D(2, 3, padding="same")([x, mask])
        remaining.append(int(np.sum(1 - np.asarray(mask))))
    assert remaining == [9, 1, 0]


def test_the_count_is_exact_under_mixed_precision():
    # 5 · 5 · 30 = 750 values per window are more than bfloat16 counts one by one: it has no 749.
    layer = PartialConv2D(1, 5, dtype="mixed_bfloat16")
    mask = np.ones((1, 5, 5, 30), "float32")
    mask[0, 2, 2, 7] = 0.0
    count = layer._count(tf.cast(mask, "bfloat16")) if layer([mask, mask]) else None
    assert count.dtype == tf.float32
    assert float(count[0, 0, 0, 0]) == 749.0


def test_takes_a_mask_of_another_type():
    layer = PartialConv2D(3, 3)
    expected = layer([IMAGES.astype("float32"), HOLES.astype("float32")])
    received = layer([IMAGES.astype("float32"), HOLES.astype("bool")])
    for one, other in zip(received, expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_size_of_the_image_may_be_unknown():
    layer = PartialConv2D(3, 3, strides=2, padding="same")
    shapes = layer.compute_output_shape([(None, None, 6, 2), (None, None, 6, 1)])
    assert shapes == ((None, None, 3, 3), (None, None, 3, 1))
    inputs = [keras.Input((None, None, 2)), keras.Input((None, None, 1))]
    model = keras.Model(inputs, layer(inputs))
    for size in (5, 8):
        outputs, known = model([np.ones((1, size, size, 2)), np.ones((1, size, size, 1))])
        assert outputs.shape[:3] == known.shape[:3] == (1, (size + 1) // 2, (size + 1) // 2)


@pytest.mark.parametrize(
    "inputs",
    [IMAGES, [IMAGES], [IMAGES, HOLES[:, :-1]], [IMAGES, np.ones((2, 7, 6, 3))], [IMAGES, HOLES[..., 0]]],
    ids=["no mask", "no mask in a list", "smaller", "other channels", "no channels"],
)
def test_refuses_what_is_no_pair_of_images_and_mask(inputs):
    with pytest.raises(ValueError, match=r"(?s)Received: inputs.*layer\(\[images, mask\]\)"):
        PartialConv2D(3, 3)(inputs)


def test_refuses_groups():
    with pytest.raises(ValueError, match=r"(?s)groups=2.*one count"):
        PartialConv2D(4, 3, groups=2)
