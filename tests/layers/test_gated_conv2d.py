"""Gated convolutions against loops with two separate kernels."""

import keras
import numpy as np
import pytest
from convolution_oracle import assert_value_and_slopes, convolve, elu, sigmoid

from tfgan_tricks.layers import GatedConv2D

IMAGES = np.random.default_rng(0).normal(size=(2, 6, 5, 2))


def gated(x, kernel, bias, activation=elu, **options):
    features = convolve(x, kernel[..., :3], **options) + bias[:3]
    gates = convolve(x, kernel[..., 3:], **options) + bias[3:]
    return activation(features) * sigmoid(gates)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"strides": (2, 1), "padding": "same"},
        {"padding": "same", "dilation": (2, 2)},
    ],
    ids=str,
)
def test_is_features_times_the_sigmoid_of_gates(options):
    names = {"dilation": "dilation_rate"}
    layer = GatedConv2D(3, (3, 2), dtype="float64", **{names.get(k, k): v for k, v in options.items()})
    assert_value_and_slopes(layer, lambda *arrays: gated(*arrays, **options), IMAGES)


def test_the_activation_is_for_the_features_alone():
    layer = GatedConv2D(3, (3, 2), activation="tanh", dtype="float64")
    assert_value_and_slopes(layer, lambda *arrays: gated(*arrays, activation=np.tanh), IMAGES)
    layer = GatedConv2D(3, (3, 2), activation=None, dtype="float64")
    assert_value_and_slopes(layer, lambda *arrays: gated(*arrays, activation=lambda x: x), IMAGES)


def test_goes_without_bias():
    layer = GatedConv2D(3, 2, use_bias=False, dtype="float64")
    assert_value_and_slopes(layer, lambda x, kernel: gated(x, kernel, np.zeros(6)), IMAGES)


def test_speaks_of_filters_not_of_its_kernel():
    layer = GatedConv2D(3, 3, padding="same")
    layer.build((None, 8, 8, 2))
    assert layer.filters == layer.get_config()["filters"] == 3
    assert layer.compute_output_shape((None, None, None, 2)) == (None, None, None, 3)
    assert layer.kernel.shape == (3, 3, 2, 6)
    assert layer.bias.shape == (6,)


def test_low_rank_adaptation_fits_the_fused_kernel():
    layer = GatedConv2D(3, 3)
    before = layer(IMAGES)
    layer.enable_lora(2)
    np.testing.assert_allclose(layer(IMAGES), before, atol=1e-6)  # LoRA starts at zero
    layer.lora_kernel_b.assign(np.ones(layer.lora_kernel_b.shape))
    assert np.abs(layer(IMAGES) - before).max() > 1e-3
    assert layer.filters == 3


def test_a_closed_gate_lets_nothing_through():
    layer = GatedConv2D(3, 3, bias_initializer=lambda shape, dtype=None: np.repeat([1.0, -200.0], 3))
    np.testing.assert_array_equal(layer(IMAGES), 0.0)


def test_refuses_groups():
    with pytest.raises(ValueError, match=r"(?s)groups=2.*concatenate"):
        GatedConv2D(4, 3, groups=2)


def test_learns_under_fit():
    model = keras.Sequential([keras.Input((6, 5, 2)), GatedConv2D(1, 3)])
    model.compile("adam", "mse")
    history = model.fit(IMAGES, np.ones((2, 4, 3, 1)), epochs=5, verbose=0)
    assert history.history["loss"][-1] < history.history["loss"][0]
