"""The standard CNN of the spectral normalisation paper."""

from typing import Any

import keras
from keras import layers

from tfgan_tricks.architectures.output_layers import images_from, logits_from
from tfgan_tricks.checks import check_choice, check_integer, explain
from tfgan_tricks.layers.spectral_norm_conv2d import SpectralNormConv2D
from tfgan_tricks.layers.spectral_norm_dense import SpectralNormDense

STRIDE: dict[str, Any] = {
    "strides": 2,
    "padding": "same",
}  # halves the image in a convolution, doubles it in a transposed one


def sngan_cnn(
    *,
    resolution: int = 32,
    channels: int = 3,
    latent_dim: int = 128,
    width: int = 64,
    output_kernel: int = 3,
    spectral_norm: bool = True,
    across_replicas: bool = False,
) -> tuple[keras.Model, keras.Model]:
    """Returns SNGAN's plain convolutional generator and discriminator: strong on small images, and cheap.

    The first choice for 32² to 64² on modest hardware. Train it with a hinge or non-saturating loss and Adam with
    β₁ = 0 or 0.5; with `spectral_norm=False` it is the network of the paper's WGAN-GP column.

    **Source**: Miyato et al., 2018, arXiv:1802.05957, table 3 (M_g = 4 for 32², 6 for 48²); initialisation N(0, 0.02)
    and batch norm's settings as in the authors' code (pfnet-research/chainer-gan-lib, DCGANGenerator).

    **Differs from the paper**: convolutions before batch norm have no bias, which batch norm would take out; ũ
    starts from the initial kernel. The authors' code also has batch norm and ReLU after the dense layer; the table
    has not, and neither has this network.

    Args:
        resolution: height and width of the images, a multiple of 8: eight times M_g.
        channels: channels of the images, at least 1.
        latent_dim: number of latents, at least 1.
        width: filters of the discriminator's first layer; all others are 1, 2, 4 or 8 times as wide.
        output_kernel: kernel size of the generator's last convolution: 1, 3 (the paper's) or 9.
        spectral_norm: whether the discriminator's layers are spectral-normalised.
        across_replicas: whether batch norm takes its statistics over the images of all replicas of a distributed
            training, and not over each replica's own.

    Returns:
        The generator, (n, latent_dim) -> (n, resolution, resolution, channels) in [-1, 1], and the discriminator,
        images -> (n, 1) logits. Both deliver float32 under any precision policy.

    **Cost**: at 32² and width 64 a generator of 3.8 million and a discriminator of 2.9 million parameters.

    **Combines badly with**: a dense generator input at high resolution (its weights grow with resolution²).

    Example:

    >>> generator, discriminator = tfgan_tricks.architectures.sngan_cnn(resolution=32, channels=1, width=16)
    >>> images = generator(np.zeros((2, 128), "float32"))
    >>> tuple(images.shape), tuple(discriminator(images).shape)
    ((2, 32, 32, 1), (2, 1))
    """
    for argument, value in {"channels": channels, "latent_dim": latent_dim, "width": width}.items():
        check_integer(argument, value, at_least=1)
    check_integer("resolution", resolution, at_least=8)
    check_choice("output_kernel", output_kernel, (1, 3, 9))
    if resolution % 8:
        raise ValueError(
            explain(
                "sngan_cnn doubles the resolution three times.",
                received=f"resolution={resolution}",
                expected="a multiple of 8, such as 32 (M_g = 4) or 48 (M_g = 6)",
                fix=f"resize the images to {resolution // 8 * 8} or {resolution // 8 * 8 + 8}.",
            )
        )
    generator = _generator(resolution // 8, channels, latent_dim, width, output_kernel, across_replicas)
    return generator, _discriminator(resolution, channels, width, spectral_norm)


def _normal():
    return keras.initializers.RandomNormal(stddev=0.02)


def _generator(
    bottom: int, channels: int, latent_dim: int, width: int, output_kernel: int, across_replicas: bool
) -> keras.Model:
    latents = keras.Input((latent_dim,), name="latents")
    x = layers.Dense(bottom * bottom * 8 * width, kernel_initializer=_normal())(latents)
    x = layers.Reshape((bottom, bottom, 8 * width))(x)  # [n, m, m, 8w]
    for filters in (4 * width, 2 * width, width):  # [n, 2m, 2m, 4w] -> [n, 4m, 4m, 2w] -> [n, 8m, 8m, w]
        x = layers.Conv2DTranspose(filters, 4, **STRIDE, use_bias=False, kernel_initializer=_normal())(x)
        x = layers.BatchNormalization(momentum=0.9, epsilon=2e-5, synchronized=across_replicas)(x)
        x = layers.ReLU()(x)
    x = layers.Conv2D(channels, output_kernel, padding="same", kernel_initializer=_normal())(x)
    return keras.Model(latents, images_from(x), name="generator")  # [n, 8m, 8m, c]


def _discriminator(resolution: int, channels: int, width: int, spectral_norm: bool) -> keras.Model:
    convolution = SpectralNormConv2D if spectral_norm else layers.Conv2D
    dense = SpectralNormDense if spectral_norm else layers.Dense
    images = x = keras.Input((resolution, resolution, channels), name="images")
    for filters in (width, 2 * width, 4 * width):  # [n, r/2, r/2, w] -> [n, r/4, r/4, 2w] -> [n, r/8, r/8, 4w]
        x = convolution(filters, 3, padding="same", kernel_initializer=_normal())(x)
        x = layers.LeakyReLU(0.1)(x)
        x = convolution(filters, 4, **STRIDE, kernel_initializer=_normal())(x)
        x = layers.LeakyReLU(0.1)(x)
    x = convolution(8 * width, 3, padding="same", kernel_initializer=_normal())(x)  # [n, r/8, r/8, 8w]
    x = layers.LeakyReLU(0.1)(x)
    return keras.Model(images, logits_from(x, dense, _normal()), name="discriminator")  # [n, 1]
