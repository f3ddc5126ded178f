"""Multilayer perceptrons."""

from collections.abc import Callable, Sequence

import keras
from keras import layers

from tfgan_tricks.architectures.output_layers import images_from, logits_from
from tfgan_tricks.checks import check_integer, check_type


def mlp(
    *,
    resolution: int = 28,
    channels: int = 1,
    latent_dim: int = 64,
    widths: Sequence[int] = (256, 256),
    batch_norm: bool = False,
    across_replicas: bool = False,
) -> tuple[keras.Model, keras.Model]:
    """Returns a generator and a discriminator of dense layers: for tests, first looks and very small images.

    Trains in seconds, and shows what convolutions add. The discriminator has the generator's hidden layers in
    reverse order.

    **Source**: Goodfellow et al., 2014, arXiv:1406.2661, section 5 (perceptrons on MNIST).

    **Differs from the paper**: leaky ReLU (0.2) instead of maxout with dropout in the discriminator; tanh instead of
    sigmoid output, for images in [-1, 1]; He initialisation.

    Args:
        resolution: height and width of the images, at least 1.
        channels: channels of the images, at least 1.
        latent_dim: number of latents, at least 1.
        widths: widths of the generator's hidden layers, from the latents on; none makes both networks linear.
        batch_norm: whether the generator's hidden layers have batch norm.
        across_replicas: whether batch norm takes its statistics over the images of all replicas of a distributed
            training, and not over each replica's own.

    Returns:
        The generator, (n, latent_dim) -> (n, resolution, resolution, channels) in [-1, 1], and the discriminator,
        images -> (n, 1) logits. Both deliver float32 under any precision policy.

    **Cost**: weights grow with resolution² · channels · widths; above 32² convolutions are cheaper and better.

    **Combines badly with**: large images.

    Example:

    >>> generator, discriminator = tfgan_tricks.architectures.mlp(resolution=8, channels=1, widths=(128, 256))
    >>> images = generator(np.zeros((2, 64), "float32"))
    >>> tuple(images.shape), tuple(discriminator(images).shape)
    ((2, 8, 8, 1), (2, 1))
    """
    for argument, value in {"resolution": resolution, "channels": channels, "latent_dim": latent_dim}.items():
        check_integer(argument, value, at_least=1)
    check_type("widths", widths, (list, tuple), fix="pass the hidden widths in brackets, e.g. widths=(256, 256).")
    for index, width in enumerate(widths):
        check_integer(f"widths[{index}]", width, at_least=1)
    shape = (resolution, resolution, channels)
    norm = (lambda: layers.BatchNormalization(momentum=0.9, synchronized=across_replicas)) if batch_norm else None
    return _generator(shape, latent_dim, widths, norm), _discriminator(shape, widths[::-1])


def _generator(
    shape: tuple[int, int, int], latent_dim: int, widths: Sequence[int], norm: Callable | None
) -> keras.Model:
    latents = x = keras.Input((latent_dim,), name="latents")
    for width in widths:  # [n, width]
        x = layers.Dense(width, use_bias=norm is None, kernel_initializer="he_normal")(x)
        x = norm()(x) if norm else x
        x = layers.ReLU()(x)
    x = layers.Dense(shape[0] * shape[1] * shape[2])(x)
    x = layers.Reshape(shape)(x)  # [n, r, r, c]
    return keras.Model(latents, images_from(x), name="generator")


def _discriminator(shape: tuple[int, int, int], widths: Sequence[int]) -> keras.Model:
    images = keras.Input(shape, name="images")
    x = layers.Flatten()(images)  # [n, r * r * c]
    for width in widths:  # [n, width]
        x = layers.Dense(width, kernel_initializer="he_normal")(x)
        x = layers.LeakyReLU(0.2)(x)
    return keras.Model(images, logits_from(x), name="discriminator")  # [n, 1]
