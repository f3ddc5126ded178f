"""What is particular to the convolution; the rest is in test_spectral_norm*.py."""

import numpy as np
import pytest

from tfgan_tricks.layers import SpectralNormConv2D


@pytest.mark.parametrize("strides", [1, 2])
def test_the_operator_is_at_most_root_of_kernel_area_times_as_large_as_the_matrix(strides):
    layer = SpectralNormConv2D(3, (3, 2), strides=strides, padding="same", use_bias=False)
    basis = np.eye(6 * 6 * 2, dtype="float32").reshape(-1, 6, 6, 2)  # a row per pixel and channel
    operator = np.reshape(layer(basis), (len(basis), -1))
    norm = np.linalg.norm(operator, 2)
    assert 0.5 < norm <= np.sqrt(3 * 2) + 1e-4
    one = SpectralNormConv2D(3, 1, use_bias=False)  # at 1×1 they are the same
    assert np.linalg.norm(np.reshape(one(basis), (len(basis), -1)), 2) == pytest.approx(1.0, abs=1e-4)


def test_sigma_is_that_of_torch():
    torch = pytest.importorskip("torch")
    layer = SpectralNormConv2D(5, 3)
    layer.build((None, 8, 8, 4))
    other = torch.nn.Conv2d(4, 5, 3)
    other.weight.data = torch.tensor(layer.kernel.numpy().transpose(3, 2, 0, 1))
    other = torch.nn.utils.parametrizations.spectral_norm(other, n_power_iterations=200)
    received = np.transpose(layer.normalized_kernel(), (3, 2, 0, 1))
    np.testing.assert_allclose(received, other.weight.detach().numpy(), rtol=1e-4, atol=1e-5)
