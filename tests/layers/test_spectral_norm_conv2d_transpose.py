"""The two conventions of the transposed convolution; the rest is in test_spectral_norm*.py."""

import numpy as np
import pytest

from tfgan_tricks.layers import SpectralNormConv2D, SpectralNormConv2DTranspose


def test_torch_convention_is_that_of_torch():
    torch = pytest.importorskip("torch")
    layer = SpectralNormConv2DTranspose(5, 3, convention="torch")
    layer.build((None, 8, 8, 4))
    other = torch.nn.ConvTranspose2d(4, 5, 3)
    other.weight.data = torch.tensor(layer.kernel.numpy().transpose(3, 2, 0, 1))
    other = torch.nn.utils.parametrizations.spectral_norm(other, n_power_iterations=200)
    received = np.transpose(layer.normalized_kernel(), (3, 2, 0, 1))
    np.testing.assert_allclose(received, other.weight.detach().numpy(), rtol=1e-4, atol=1e-5)


def test_adjoint_convention_is_that_of_the_convolution_whose_adjoint_it_is():
    rng = np.random.default_rng(0)
    options = {"strides": 2, "padding": "same", "use_bias": False}
    layer = SpectralNormConv2DTranspose(3, 4, convention="adjoint", **options)
    layer.build((None, 4, 4, 6))
    convolution = SpectralNormConv2D(6, 4, **options)
    convolution.build((None, 8, 8, 3))
    convolution.set_weights(layer.get_weights())  # the same kernel and the same ũ, [inputs]
    small, large = rng.normal(size=(2, 4, 4, 6)).astype("float32"), rng.normal(size=(2, 8, 8, 3)).astype("float32")
    for training in (False, True):
        across = np.sum(np.asarray(convolution(large, training=training)) * small)
        back = np.sum(large * np.asarray(layer(small, training=training)))
        assert across == pytest.approx(back, rel=1e-4)


def test_the_conventions_differ():
    kernel = np.random.default_rng(0).normal(size=(4, 4, 3, 6)).astype("float32")
    sigmas = []
    for convention, length in (("torch", 3), ("adjoint", 6)):
        layer = SpectralNormConv2DTranspose(3, 4, convention=convention, kernel_initializer=lambda *_, **__: kernel)
        layer.build((None, 4, 4, 6))
        assert layer.u.shape == (length,)
        sigmas.append(float(layer.spectral_norm()))
    assert abs(sigmas[0] - sigmas[1]) > 0.1


def test_refuses_an_unknown_convention():
    with pytest.raises(ValueError, match=r"(?s)convention='pytorch'.*did you mean 'torch'"):
        SpectralNormConv2DTranspose(3, 4, convention="pytorch")
