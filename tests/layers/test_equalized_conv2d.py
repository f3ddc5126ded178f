"""Convolutions with an equalised learning rate against loops and torch; the rest is in test_equalized_dense.py."""

import numpy as np
import pytest
from convolution_oracle import assert_value_and_slopes, convolve

from tfgan_tricks.layers import EqualizedConv2D

IMAGES = np.random.default_rng(0).normal(size=(2, 6, 5, 2))


@pytest.mark.parametrize("options", [{}, {"gain": 0.7, "learning_rate_multiplier": 0.01}], ids=str)
def test_is_the_convolution_with_the_scaled_kernel(options):
    gain, m = options.get("gain", np.sqrt(2)), options.get("learning_rate_multiplier", 1.0)
    where = {"strides": (2, 1), "padding": "same"}
    layer = EqualizedConv2D(4, (3, 2), dtype="float64", **where, **options)
    scale = m * gain / np.sqrt(3 * 2 * 2)
    assert_value_and_slopes(layer, lambda x, kernel, bias: convolve(x, scale * kernel, **where) + m * bias, IMAGES)
    assert layer.scale == pytest.approx(scale)


def test_agrees_with_torch_also_in_groups():
    torch = pytest.importorskip("torch")
    layer = EqualizedConv2D(4, 3, groups=2, gain=1.0)
    received = layer(IMAGES)
    weight = torch.tensor(layer.kernel.numpy().transpose(3, 2, 0, 1)) / 3  # fan-in 3 · 3 · 1
    images = torch.tensor(IMAGES.transpose(0, 3, 1, 2), dtype=torch.float32)
    expected = torch.nn.functional.conv2d(images, weight, groups=2)
    np.testing.assert_allclose(received, expected.numpy().transpose(0, 2, 3, 1), rtol=1e-5, atol=1e-6)


def test_the_raw_kernel_is_standard_normal_and_used_with_the_spread_of_he():
    layer = EqualizedConv2D(100, 5)
    layer.build((None, 8, 8, 24))
    assert layer.kernel.numpy().std() == pytest.approx(1.0, abs=0.015)
    assert (layer.scale * layer.kernel.numpy()).std() == pytest.approx(np.sqrt(2 / (5 * 5 * 24)), rel=0.015)


def test_refuses_low_rank_adaptation():
    with pytest.raises(NotImplementedError, match="EqualizedConv2D does not support LoRA"):
        EqualizedConv2D(3, 3, lora_rank=2)(IMAGES)
