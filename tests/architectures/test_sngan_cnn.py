"""The networks against table 3 of arXiv:1802.05957, written out here by hand."""

import keras
import numpy as np
import pytest

from tfgan_tricks.architectures import sngan_cnn


def parameters_by_hand(bottom, channels, latent_dim, w, kernel):
    """Weights and biases of the table; a convolution before batch norm has no bias, batch norm has scale and shift."""
    generator = (latent_dim + 1) * bottom**2 * 8 * w
    generator += 16 * (8 * w * 4 * w + 4 * w * 2 * w + 2 * w * w) + 2 * (4 * w + 2 * w + w)
    generator += kernel**2 * w * channels + channels
    discriminator = 9 * channels * w + w + 16 * w * w + w
    discriminator += 9 * w * 2 * w + 2 * w + 16 * (2 * w) ** 2 + 2 * w
    discriminator += 9 * 2 * w * 4 * w + 4 * w + 16 * (4 * w) ** 2 + 4 * w
    discriminator += 9 * 4 * w * 8 * w + 8 * w + bottom**2 * 8 * w + 1
    return generator, discriminator


def trainable(model):
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


def shapes(model, kind):
    """Output shapes, without the batch, of the layers whose class name contains `kind`."""
    return [tuple(layer.output.shape[1:]) for layer in model.layers if kind in type(layer).__name__]


@pytest.mark.parametrize(("resolution", "m"), [(32, 4), (48, 6)])
def test_every_shape_of_the_table(resolution, m):
    generator, discriminator = sngan_cnn(resolution=resolution)
    assert shapes(generator, "Reshape") == [(m, m, 512)]
    assert shapes(generator, "Conv2DTranspose") == [
        (2 * m, 2 * m, 256),
        (4 * m, 4 * m, 128),
        (8 * m, 8 * m, 64),
    ]
    assert len(shapes(generator, "BatchNormalization")) == len(shapes(generator, "ReLU")) == 3
    assert generator.output.shape == (None, resolution, resolution, 3)
    r = resolution
    assert shapes(discriminator, "SpectralNormConv2D") == [
        (r, r, 64),
        (r // 2, r // 2, 64),
        (r // 2, r // 2, 128),
        (r // 4, r // 4, 128),
        (r // 4, r // 4, 256),
        (r // 8, r // 8, 256),
        (r // 8, r // 8, 512),
    ]
    convolutions = [layer for layer in discriminator.layers if "Conv" in type(layer).__name__]
    assert [layer.kernel_size[0] for layer in convolutions] == [3, 4, 3, 4, 3, 4, 3]
    assert [layer.strides[0] for layer in convolutions] == [1, 2, 1, 2, 1, 2, 1]
    slopes = [layer.negative_slope for layer in discriminator.layers if isinstance(layer, keras.layers.LeakyReLU)]
    assert slopes == [pytest.approx(0.1)] * 7
    assert shapes(discriminator, "SpectralNormDense") == [(1,)]


@pytest.mark.parametrize("kernel", [1, 3, 9])
@pytest.mark.parametrize(
    ("resolution", "channels", "latent_dim", "width"), [(32, 3, 128, 64), (48, 1, 50, 16), (8, 2, 5, 4)]
)
def test_parameter_counts(resolution, channels, latent_dim, width, kernel):
    generator, discriminator = sngan_cnn(
        resolution=resolution, channels=channels, latent_dim=latent_dim, width=width, output_kernel=kernel
    )
    expected = parameters_by_hand(resolution // 8, channels, latent_dim, width, kernel)
    assert (trainable(generator), trainable(discriminator)) == expected
    vectors = [weight.shape[0] for weight in discriminator.non_trainable_weights]
    assert vectors == [*(width * times for times in (1, 1, 2, 2, 4, 4, 8)), 1]


def test_default_width_without_the_tables_arithmetic():
    generator, discriminator = sngan_cnn()
    assert trainable(generator) == 3_811_907
    assert trainable(discriminator) == 2_935_873


def test_initial_kernels_have_the_authors_spread():
    for model in sngan_cnn():
        for weight in model.trainable_weights:
            if weight.name == "kernel" and np.prod(weight.shape) > 10_000:
                assert np.std(weight) == pytest.approx(0.02, rel=0.05)


def test_without_spectral_norm_the_discriminator_is_plain():
    _, discriminator = sngan_cnn(width=8, spectral_norm=False)
    assert not shapes(discriminator, "SpectralNorm")
    assert discriminator.non_trainable_weights == []
    assert trainable(discriminator) == parameters_by_hand(4, 3, 128, 8, 3)[1]
