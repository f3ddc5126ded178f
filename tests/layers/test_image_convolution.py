"""What all convolutions of images refuse, in the words of the library."""

import re

import numpy as np
import pytest

from tfgan_tricks.layers import (
    DownsampleConv2D,
    EqualizedConv2D,
    GatedConv2D,
    GatedConv2DTranspose,
    PartialConv2D,
    UpsampleConv2D,
)

LAYERS = [DownsampleConv2D, EqualizedConv2D, GatedConv2D, GatedConv2DTranspose, PartialConv2D, UpsampleConv2D]
each_layer = pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.__name__)


def inputs_for(layer, shape):
    images = np.ones(shape, "float32")
    return [images, images] if layer is PartialConv2D else images


@each_layer
@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 8, 8), (2, 8, 8, 8, 3)], ids=str)
def test_refuses_what_is_no_batch_of_images(layer, shape):
    with pytest.raises(ValueError, match=r"(?s)works on images.*Received: an input of shape \(.*4-D.*Fix: add"):
        layer(3, 3)(inputs_for(layer, shape))


@each_layer
def test_refuses_a_wrong_rank_also_when_built(layer):
    built = layer(3, 3)
    built(inputs_for(layer, (2, 8, 8, 2)))
    with pytest.raises(ValueError, match=r"(?s)works on images.*\(8, 8, 2\)"):
        built(inputs_for(layer, (8, 8, 2)))


@each_layer
def test_refuses_another_number_of_channels_when_built(layer):
    built = layer(3, 3)
    built(inputs_for(layer, (2, 8, 8, 2)))
    with pytest.raises(ValueError, match=r"(?s)another number of channels.*\(2, 8, 8, 4\).*2 channels"):
        built(inputs_for(layer, (2, 8, 8, 4)))


@each_layer
@pytest.mark.parametrize(
    "arguments",
    [{"filters": -3}, {"filters": 2.5}, {"kernel_size": 0}, {"kernel_size": (3, -1)}, {"kernel_size": (1, 2, 3)}],
    ids=str,
)
def test_refuses_sizes_that_are_not_positive(layer, arguments):
    ((name, value),) = arguments.items()
    with pytest.raises(ValueError, match=f"(?s)Received: {re.escape(f'{name}={value}')}\n.*Fix: pass"):
        layer(**{"filters": 3, "kernel_size": 3} | arguments)


@each_layer
def test_refuses_strides_of_zero(layer):
    with pytest.raises(ValueError, match=r"(?s)Received: strides=0.*Fix: pass"):
        layer(3, 3, strides=0)


@each_layer
def test_refuses_channels_first(layer):
    with pytest.raises(ValueError, match=r"(?s)data_format='channels_first'.*transpose the images"):
        layer(3, 3, data_format="channels_first")


@pytest.mark.parametrize("layer", [layer for layer in LAYERS if layer is not GatedConv2DTranspose])
def test_refuses_an_image_smaller_than_the_window(layer):
    enlarged = {UpsampleConv2D: 1, DownsampleConv2D: 4}.get(layer, 2)  # what becomes 2 rows
    with pytest.raises(ValueError, match=r"(?s)too small.*at least \(3, 3\).*padding='same'"):
        layer(3, 3, padding="valid")(inputs_for(layer, (2, enlarged, 9, 2)))


def test_a_dilated_window_is_wider():
    with pytest.raises(ValueError, match=r"(?s)at least \(5, 5\)"):
        GatedConv2D(3, 3, dilation_rate=2)(np.ones((2, 4, 9, 2), "float32"))
