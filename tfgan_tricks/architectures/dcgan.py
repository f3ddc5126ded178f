"""Deep convolutional GAN."""

from typing import Any

import keras
from keras import layers

from tfgan_tricks.architectures.output_layers import images_from, logits_from
from tfgan_tricks.checks import check_integer, explain

STRIDE: dict[str, Any] = {
    "strides": 2,
    "padding": "same",
}  # halves the image in a convolution, doubles it in a transposed one


def dcgan(
    *,
    resolution: int = 64,
    channels: int = 3,
    latent_dim: int = 100,
    width: int = 128,
    max_width: int = 1024,
    discriminator_batch_norm: bool = True,
    across_replicas: bool = False,
) -> tuple[keras.Model, keras.Model]:
    """Returns DCGAN's generator and discriminator: strided 5×5 convolutions and batch norm, for any usual resolution.

    The classical baseline. Train it with the non-saturating loss and Adam(2e-4, β₁ = 0.5), latents uniform in
    [-1, 1]. The resolution is halved until 4 to 7 pixels are left, widths double on the way down.

    **Source**: Radford et al., 2016, arXiv:1511.06434, section 3 and figure 1; kernels N(0, 0.02), batch norm's scale
    N(1, 0.02) and 5×5 kernels in both networks as in the authors' code (Newmu/dcgan_code).

    **Differs from the paper**: batch norm keeps moving statistics (momentum 0.9, epsilon 1e-5) for inference, and
    after the dense layer it works per feature map, not per unit; layers without batch norm have a bias; resolutions
    other than 64 get more or fewer stages.

    Args:
        resolution: height and width of the images: 4, 5, 6 or 7 times a power of two of at least 2.
        channels: channels of the images, at least 1.
        latent_dim: number of latents, at least 1.
        width: filters of the widest feature maps in space; the paper's figure has 128.
        max_width: upper bound of the doubled widths, at least `width`.
        discriminator_batch_norm: whether the discriminator has batch norm (in all layers but the first and the last);
            switch it off for gradient penalties.
        across_replicas: whether batch norm takes its statistics over the images of all replicas of a distributed
            training, and not over each replica's own.

    Returns:
        The generator, (n, latent_dim) -> (n, resolution, resolution, channels) in [-1, 1], and the discriminator,
        images -> (n, 1) logits. Both deliver float32 under any precision policy.

    **Cost**: at 64² and width 128 a generator of 18.9 million and a discriminator of 17.2 million parameters.

    **Combines badly with**: gradient penalties while the discriminator has batch norm, which couples the examples
    of a batch; 5×5 kernels at stride 2 overlap unevenly and leave a checkerboard.

    Example:

    >>> generator, discriminator = tfgan_tricks.architectures.dcgan(resolution=28, channels=1, width=16)
    >>> images = generator(np.zeros((2, 100), "float32"))
    >>> tuple(images.shape), tuple(discriminator(images).shape)
    ((2, 28, 28, 1), (2, 1))
    """
    for argument, value in {"channels": channels, "latent_dim": latent_dim, "width": width}.items():
        check_integer(argument, value, at_least=1)
    check_integer("max_width", max_width, at_least=width)
    bottom, stages = _stages(resolution)
    widths = [min(width * 2**stage, max_width) for stage in range(stages)]  # from the image inwards
    generator = _generator(bottom, channels, latent_dim, widths[::-1], across_replicas)
    return generator, _discriminator(resolution, channels, widths, discriminator_batch_norm, across_replicas)


def _stages(resolution: int) -> tuple[int, int]:
    """Returns the size of the smallest feature map, and how often it is doubled to reach `resolution`."""
    check_integer("resolution", resolution, at_least=8)
    bottom, stages = resolution, 0
    while bottom % 2 == 0 and bottom >= 8:
        bottom, stages = bottom // 2, stages + 1
    if bottom > 7:
        valid = sorted(base * 2**power for base in (4, 5, 6, 7) for power in range(1, 16))
        nearest = sorted(sorted(valid, key=lambda candidate: abs(candidate - resolution))[:2])
        raise ValueError(
            explain(
                "dcgan halves the resolution until 4 to 7 pixels are left.",
                received=f"resolution={resolution}, which ends at {bottom}",
                expected="4, 5, 6 or 7 times a power of two, such as 28, 32, 48 or 64",
                fix=f"resize the images to {nearest[0]} or {nearest[1]}.",
            )
        )
    return bottom, stages


def _normal():
    return keras.initializers.RandomNormal(stddev=0.02)


def _batch_norm(across_replicas: bool):
    scale = keras.initializers.RandomNormal(mean=1.0, stddev=0.02)
    settings = {"momentum": 0.9, "epsilon": 1e-5, "synchronized": across_replicas}
    return layers.BatchNormalization(gamma_initializer=scale, **settings)


def _generator(bottom: int, channels: int, latent_dim: int, widths: list[int], across_replicas: bool) -> keras.Model:
    latents = keras.Input((latent_dim,), name="latents")
    x = layers.Dense(bottom * bottom * widths[0], use_bias=False, kernel_initializer=_normal())(latents)
    x = layers.Reshape((bottom, bottom, widths[0]))(x)  # [n, b, b, widest]
    for filters in widths[1:]:  # each: [n, h, w, c] -> [n, 2h, 2w, c/2]
        x = layers.ReLU()(_batch_norm(across_replicas)(x))
        x = layers.Conv2DTranspose(filters, 5, **STRIDE, use_bias=False, kernel_initializer=_normal())(x)
    x = layers.ReLU()(_batch_norm(across_replicas)(x))
    x = layers.Conv2DTranspose(channels, 5, **STRIDE, kernel_initializer=_normal())(x)
    return keras.Model(latents, images_from(x), name="generator")  # [n, r, r, c]


def _discriminator(
    resolution: int, channels: int, widths: list[int], batch_norm: bool, across_replicas: bool
) -> keras.Model:
    images = x = keras.Input((resolution, resolution, channels), name="images")
    for stage, filters in enumerate(widths):  # each: [n, h, w, c] -> [n, h/2, w/2, 2c]
        normalized = batch_norm and stage > 0
        x = layers.Conv2D(filters, 5, **STRIDE, use_bias=not normalized, kernel_initializer=_normal())(x)
        x = _batch_norm(across_replicas)(x) if normalized else x
        x = layers.LeakyReLU(0.2)(x)
    return keras.Model(images, logits_from(x, kernel_initializer=_normal()), name="discriminator")  # [n, 1]
