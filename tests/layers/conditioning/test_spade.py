"""On a map of flat regions the layer is a conditional norm with one pair of scale and offset per region."""

import numpy as np
import pytest

from tfgan_tricks.layers import SPADE

RNG = np.random.default_rng(8)
REGIONS = np.zeros((2, 12, 10), int)
REGIONS[0, :, 5:], REGIONS[1, 6:, :] = 1, 2
MAP = np.eye(3, dtype="float32")[REGIONS]
X = RNG.normal(2.0, 3.0, size=(2, 12, 10, 4))
X_HAT = (X - X.mean((0, 1, 2))) / np.sqrt(X.var((0, 1, 2)) + 1e-2)


def built(kernel_size: int) -> SPADE:
    layer = SPADE(hidden=7, kernel_size=kernel_size, momentum=0.6, epsilon=1e-2)
    layer.build([X.shape, MAP.shape])
    for weight in layer.trainable_weights:
        weight.assign(weight + RNG.normal(scale=0.3, size=weight.shape))
    return layer


def of_region(layer: SPADE, region: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns the scale and the offset inside of a region that has no end: every tap of a kernel sees the same."""
    parts = layer.modulation
    hidden = np.maximum(parts.to_hidden.kernel.numpy().sum((0, 1))[region] + parts.to_hidden.bias.numpy(), 0)
    scale, offset = (
        hidden @ part.kernel.numpy().sum((0, 1)) + part.bias.numpy() for part in (parts.to_scale, parts.to_offset)
    )
    return scale, offset


def test_with_1x1_kernels_each_pixel_gets_the_scale_and_offset_of_its_region():
    layer = built(kernel_size=1)
    outputs = np.asarray(layer([X, MAP], training=True))
    for region in range(3):
        scale, offset = of_region(layer, region)
        inside = region == REGIONS
        np.testing.assert_allclose(outputs[inside], scale * X_HAT[inside] + offset, rtol=1e-4, atol=1e-4)


def test_with_3x3_kernels_so_does_each_pixel_away_from_the_borders():
    layer = built(kernel_size=3)
    outputs = np.asarray(layer([X, MAP], training=True))
    scale, offset = of_region(layer, 1)
    np.testing.assert_allclose(outputs[0, 2:-2, 7:-2], scale * X_HAT[0, 2:-2, 7:-2] + offset, rtol=1e-4, atol=1e-4)
    assert np.abs(outputs[0, 2:-2, 5] - (scale * X_HAT[0, 2:-2, 5] + offset)).max() > 1e-2  # at the border
    scale, offset = of_region(layer, 2)
    np.testing.assert_allclose(outputs[1, 8:-2, 2:-2], scale * X_HAT[1, 8:-2, 2:-2] + offset, rtol=1e-4, atol=1e-4)


def test_a_map_of_four_times_the_size_gives_the_same_where_it_shows_the_same():
    layer = built(kernel_size=3)
    larger = MAP.repeat(4, axis=1).repeat(4, axis=2)
    np.testing.assert_allclose(layer([X, larger], training=True), layer([X, MAP], training=True), rtol=1e-5, atol=1e-5)


def test_inference_uses_the_moving_statistics():
    layer = built(kernel_size=1)
    layer([X, MAP], training=True)
    x_hat = (X - 0.4 * X.mean((0, 1, 2))) / np.sqrt(0.6 + 0.4 * X.var((0, 1, 2)) + 1e-2)
    scale, offset = of_region(layer, 0)
    inside = REGIONS == 0
    received = np.asarray(layer([X, MAP], training=False))[inside]
    np.testing.assert_allclose(received, scale * x_hat[inside] + offset, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("argument", "value"), [("hidden", 0), ("kernel_size", 0), ("momentum", -1), ("epsilon", 0)])
def test_arguments_out_of_range_are_refused(argument, value):
    with pytest.raises(ValueError, match=f"`{argument}`"):
        SPADE(**{argument: value})
