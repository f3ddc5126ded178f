"""The networks of progressive growing, for one resolution at a time."""

import keras
from keras import layers

from tfgan_tricks.architectures.output_layers import images_from
from tfgan_tricks.checks import check_integer, check_range, check_type, explain
from tfgan_tricks.layers.equalized_conv2d import EqualizedConv2D
from tfgan_tricks.layers.equalized_dense import EqualizedDense
from tfgan_tricks.layers.fade_in import FadeIn
from tfgan_tricks.layers.minibatch_std import MinibatchStd
from tfgan_tricks.layers.normalization.pixel_norm import PixelNorm
from tfgan_tricks.schedules.schedule import Schedule

BOTTOM = 4  # side of the smallest images


def progan(
    *,
    resolution: int = 32,
    channels: int = 3,
    latent_dim: int = 512,
    width: int = 512,
    base_width: int = 16_384,
    groups: int = 4,
    across_replicas: bool = False,
    alpha: float | Schedule = 1.0,
) -> tuple[keras.Model, keras.Model]:
    """Returns ProGAN's generator and discriminator for one resolution, made to grow to the next.

    Each block of two convolutions doubles (or halves) the resolution; convolutions have an equalised learning rate,
    the generator normalises each pixel, the discriminator sees the standard deviation of the batch. The topmost block
    is blended with the path of the resolution below by `FadeIn`. Layers of one name are the same at each resolution,
    so that `ProgressiveTraining` grows a trained pair into the next larger one. It can also be trained at its full
    resolution at once.

    **Source**: Karras et al., 2017, arXiv:1710.10196: table 2 and appendix A.1; sections 2 (fading), 3 (minibatch
    standard deviation), 4.1 (equalised learning rate), 4.2 (pixel norm).

    **Differs from the paper**: images pass a tanh at the end, after the blend, since all generators here make images
    in [-1, 1]; the first layer and the latents are pixel-normalised too, and the standard deviation is taken in
    groups, both as in the authors' code (tkarras/progressive_growing_of_gans).

    Args:
        resolution: height and width of the images, a power of two of at least 4.
        channels: channels of the images, at least 1.
        latent_dim: number of latents, at least 1.
        width: upper bound of the filters of a layer.
        base_width: filters times resolution: maps of side r have min(`width`, `base_width`/r) filters.
        groups: examples that `MinibatchStd` compares, at least 2.
        across_replicas: whether it compares across all replicas.
        alpha: share of the topmost block, from 0 to 1, or a schedule of it; without a say at 4x4, which has no other.

    Returns:
        The generator, (n, latent_dim) -> (n, resolution, resolution, channels) in [-1, 1], and the discriminator,
        images -> (n, 1) logits. Both deliver float32 under any precision policy.

    **Cost**: at 1024x1024 and the default widths 23.1 million parameters each, as in the paper; the path of the
    resolution below is computed at every α.

    **Combines badly with**: optimizers that do not normalise their steps (plain SGD), for which equalised layers
    have other learning rates; per-example gradient penalties, since `MinibatchStd` couples examples (the paper takes
    WGAN-GP all the same).

    Example:

    >>> generator, discriminator = tfgan_tricks.architectures.progan(resolution=16, channels=1, width=8)
    >>> images = generator(np.ones((2, 512), "float32"))
    >>> tuple(images.shape), tuple(discriminator(images).shape)
    ((2, 16, 16, 1), (2, 1))
    """
    for argument, value in {"channels": channels, "latent_dim": latent_dim, "width": width}.items():
        check_integer(argument, value, at_least=1)
    resolutions = resolutions_to(resolution)
    check_integer("base_width", base_width, at_least=resolution)
    check_type("across_replicas", across_replicas, bool, "pass True or False.")
    if not isinstance(alpha, Schedule):
        check_range("alpha", alpha, low=0.0, high=1.0)
    filters = {side: min(width, base_width // side) for side in resolutions}
    generator = _generator(resolutions, filters, channels, latent_dim, alpha)
    deviation = MinibatchStd(groups, across_replicas, name="deviation")
    return generator, _discriminator(resolutions, filters, channels, deviation, alpha)


def resolutions_to(resolution: int, start: int = BOTTOM) -> list[int]:
    """Returns start, 2·start, 4·start, ... up to `resolution`; raises `ValueError` if that is none of them."""
    check_integer("resolution", resolution, at_least=start)
    sides = [start]
    while sides[-1] < resolution:
        sides.append(2 * sides[-1])
    if sides[-1] != resolution:
        raise ValueError(
            explain(
                "A growing network doubles its resolution with each block.",
                received=f"resolution={resolution}",
                expected=f"{start} times a power of two, such as {sides[-2]} or {sides[-1]}",
                fix=f"resize the images to {sides[-2]} or {sides[-1]}.",
            )
        )
    return sides


def _convolution(filters: int, name: str):
    return EqualizedConv2D(filters, 3, padding="same", name=name)


def _generator(resolutions: list[int], filters: dict, channels: int, latent_dim: int, alpha) -> keras.Model:
    def activated(x, name):
        return PixelNorm(name=f"{name}_norm")(layers.LeakyReLU(0.2, name=f"{name}_relu")(x))

    def to_image(x, side):
        return EqualizedConv2D(channels, 1, gain=1.0, name=f"to_image_{side}")(x)  # [n, side, side, c]

    x = latents = keras.Input((latent_dim,), name="latents")
    x = PixelNorm(name="latents_norm")(x)
    for side in resolutions:
        if side == BOTTOM:
            x = EqualizedDense(BOTTOM * BOTTOM * filters[side], name="block_4_dense")(x)
            x = layers.Reshape((BOTTOM, BOTTOM, filters[side]), name="block_4_reshape")(x)  # [n, 4, 4, w]
            x = activated(x, "block_4_dense")
        else:
            below = x
            x = layers.UpSampling2D(2, name=f"block_{side}_up")(x)  # [n, side, side, w]
            x = activated(_convolution(filters[side], f"block_{side}_first")(x), f"block_{side}_first")
        x = activated(_convolution(filters[side], f"block_{side}_last")(x), f"block_{side}_last")
    top = resolutions[-1]
    images = to_image(x, top)
    if top > BOTTOM:
        old = layers.UpSampling2D(2, name="old_up")(to_image(below, top // 2))
        images = FadeIn(alpha, name=f"fade_in_{top}")([old, images])
    return keras.Model(latents, images_from(images), name="generator")


def _discriminator(resolutions: list[int], filters: dict, channels: int, deviation, alpha) -> keras.Model:
    def activated(x, name):
        return layers.LeakyReLU(0.2, name=f"{name}_relu")(x)

    def from_image(x, side):
        name = f"from_image_{side}"
        return activated(EqualizedConv2D(filters[side], 1, name=name)(x), name)  # [n, side, side, w]

    top = resolutions[-1]
    images = keras.Input((top, top, channels), name="images")
    x = from_image(images, top)
    for side in reversed(resolutions[1:]):
        x = activated(_convolution(filters[side], f"block_{side}_first")(x), f"block_{side}_first")
        x = activated(_convolution(filters[side // 2], f"block_{side}_last")(x), f"block_{side}_last")
        x = layers.AveragePooling2D(2, name=f"block_{side}_down")(x)  # [n, side/2, side/2, w]
        if side == top:
            old = from_image(layers.AveragePooling2D(2, name="old_down")(images), side // 2)
            x = FadeIn(alpha, name=f"fade_in_{top}")([old, x])
    x = activated(_convolution(filters[BOTTOM], "block_4_first")(deviation(x)), "block_4_first")
    x = activated(EqualizedConv2D(filters[BOTTOM], BOTTOM, name="block_4_last")(x), "block_4_last")  # [n, 1, 1, w]
    x = layers.Flatten(name="flatten")(x)
    logits = EqualizedDense(1, gain=1.0, dtype="float32", name="logits")(x)  # [n, 1]
    return keras.Model(images, logits, name="discriminator")
