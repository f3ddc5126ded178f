"""Gated transposed convolutions against loops with two separate kernels."""

import numpy as np
import pytest
from convolution_oracle import assert_value_and_slopes, convolve_transposed, elu, sigmoid

from tfgan_tricks.layers import GatedConv2DTranspose

IMAGES = np.random.default_rng(0).normal(size=(2, 4, 3, 2))


@pytest.mark.parametrize(
    ("kernel_size", "stride", "padding"), [((4, 4), 2, "same"), ((3, 2), 2, "valid"), ((3, 3), 1, "same")]
)
@pytest.mark.parametrize(("name", "activation"), [("elu", elu), ("tanh", np.tanh), (None, lambda x: x)])
def test_is_features_times_the_sigmoid_of_gates(kernel_size, stride, padding, name, activation):
    def oracle(x, kernel, bias):
        features = convolve_transposed(x, kernel[:, :, :3], stride, padding) + bias[:3]
        gates = convolve_transposed(x, kernel[:, :, 3:], stride, padding) + bias[3:]
        return activation(features) * sigmoid(gates)

    options = {} if name == "elu" else {"activation": name}
    layer = GatedConv2DTranspose(3, kernel_size, strides=stride, padding=padding, dtype="float64", **options)
    assert_value_and_slopes(layer, oracle, IMAGES)


def test_speaks_of_filters_not_of_its_kernel():
    layer = GatedConv2DTranspose(3, 4, strides=2, padding="same", use_bias=False)
    layer.build((None, 8, 8, 2))
    assert layer.filters == layer.get_config()["filters"] == 3
    assert tuple(layer.compute_output_shape((None, 8, None, 2))) == (None, 16, None, 3)
    assert layer.kernel.shape == (4, 4, 6, 2)
    assert tuple(layer(IMAGES).shape) == (2, 8, 6, 3)
