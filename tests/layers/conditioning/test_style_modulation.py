"""Dense maps of a vector, against matrix products in NumPy."""

import numpy as np
import pytest

from tfgan_tricks.layers import InstanceNorm, Modulated, StyleModulation

RNG = np.random.default_rng(2)
X = RNG.normal(size=(4, 5, 3, 2)).astype("float32")
STYLE = RNG.normal(size=(4, 6)).astype("float32")


def test_scale_and_offset_are_dense_maps_of_the_vector():
    layer = StyleModulation()
    layer.build([X.shape, STYLE.shape])
    bias_of_scale, bias_of_offset = RNG.normal(size=(2, 2)).astype("float32")
    layer.to_scale.bias.assign(bias_of_scale)
    layer.to_offset.bias.assign(bias_of_offset)
    scale, offset = layer([X, STYLE])
    expected = STYLE @ layer.to_scale.kernel.numpy() + bias_of_scale
    np.testing.assert_allclose(scale, expected.reshape((4, 1, 1, 2)), rtol=1e-5, atol=1e-6)
    expected = STYLE @ layer.to_offset.kernel.numpy() + bias_of_offset
    np.testing.assert_allclose(offset, expected.reshape((4, 1, 1, 2)), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("spectral_norm", [False, True])
def test_a_vector_of_zeros_gives_the_plain_norm_at_the_start(spectral_norm):
    layer = Modulated(InstanceNorm(center=False, scale=False), StyleModulation(spectral_norm))
    expected = (X - X.mean((1, 2), keepdims=True)) / np.sqrt(X.var((1, 2), keepdims=True) + 1e-5)
    np.testing.assert_allclose(layer([X, np.zeros_like(STYLE)]), expected, rtol=1e-4, atol=1e-5)


def test_with_an_instance_norm_mean_and_deviation_of_the_output_are_what_the_style_says():
    layer = Modulated(InstanceNorm(center=False, scale=False), StyleModulation())
    outputs = np.asarray(layer([X, STYLE]))
    scale = STYLE @ layer.modulation.to_scale.kernel.numpy() + 1
    offset = STYLE @ layer.modulation.to_offset.kernel.numpy()
    np.testing.assert_allclose(outputs.mean((1, 2)), offset, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(outputs.std((1, 2)), np.abs(scale), rtol=1e-3)


def test_spectral_norm_divides_each_kernel_by_its_own_largest_singular_value():
    layer = StyleModulation(spectral_norm=True)
    layer.build([X.shape, STYLE.shape])
    for dense, size in ((layer.to_scale, 3.0), (layer.to_offset, 0.2)):
        dense.kernel.assign(size * RNG.normal(size=(6, 2)))
    for _ in range(30):
        scale, offset = layer([X, STYLE], training=True)
    for received, dense, start in ((scale, layer.to_scale, 1.0), (offset, layer.to_offset, 0.0)):
        kernel = dense.kernel.numpy()
        expected = STYLE @ (kernel / np.linalg.svd(kernel)[1][0]) + start
        np.testing.assert_allclose(np.reshape(received, (4, 2)), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", [(4,), (4, 3, 3, 2)])
def test_what_is_no_vector_is_refused_and_told_where_it_belongs(shape):
    with pytest.raises(ValueError, match=r"(?s)condition of the wrong shape.*LabelModulation.*StatisticsModulation"):
        StyleModulation().build([X.shape, shape])


def test_the_flag_must_be_one():
    with pytest.raises(TypeError, match="`spectral_norm`"):
        StyleModulation(spectral_norm="yes")
