"""From an image of any size to the one that a network expects: channels, crop, antialiased resize."""

import dataclasses

import numpy as np
import tensorflow as tf

from tfgan_tricks.checks import check_choice, explain
from tfgan_tricks.data.limits import check_side
from tfgan_tricks.data.source import Source

LUMA = (0.299, 0.587, 0.114)  # Rec. 601, as in JPEG
WHITE = 255.0
FIX_MISFIT = "choose a resolution that every image has, or let small images be enlarged with upscale=True."


@dataclasses.dataclass(frozen=True)
class Transform:
    """Maps uint8 images of any size, with 1 to 4 channels, to uint8 images of one shape.

    1. With `crop="center"`, the largest centred rectangle of the target's proportions is kept.
    2. Two or four channels are taken as grey or colour with transparency, and laid on white.
    3. Colour is turned to grey by the weights of Rec. 601, grey to colour by repetition.
    4. Bilinear resize, antialiased: the kernel widens with the factor, so that every source pixel counts.

    Attributes:
        height: of the result.
        width: of the result.
        channels: of the result, 1 or 3.
        crop: "center", or "none" for images that already have the size of the result.
    """

    height: int
    width: int
    channels: int
    crop: str = "center"

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of the result."""
        return (self.height, self.width, self.channels)

    def __call__(self, images):
        """Transforms [..., h, w, c] uint8; only the last three axes may be unknown."""
        if images.shape[-3:] == self.shape:
            return images
        if self.crop == "center":
            images = self._centre(images)
        pixels = _with_channels(tf.cast(images, tf.float32), self.channels)  # [..., h, w, channels]
        known = None not in pixels.shape[-3:-1]
        enlarges = known and pixels.shape[-3] <= self.height and pixels.shape[-2] <= self.width
        # Nothing is lost where images grow: antialiasing would give the same numbers, ten times slower.
        pixels = tf.image.resize(pixels, (self.height, self.width), method="bilinear", antialias=not enlarges)
        pixels = tf.cast(tf.clip_by_value(tf.round(pixels), 0.0, WHITE), tf.uint8)
        pixels.set_shape((*images.shape[:-3], *self.shape))
        return pixels

    def _centre(self, images):
        height, width = tf.shape(images)[-3], tf.shape(images)[-2]
        kept_height = tf.minimum(height, tf.maximum(1, width * self.height // self.width))
        kept_width = tf.minimum(width, tf.maximum(1, height * self.width // self.height))
        top, left = (height - kept_height) // 2, (width - kept_width) // 2
        return images[..., top : top + kept_height, left : left + kept_width, :]


def _with_channels(pixels, channels: int):
    if pixels.shape[-1] == channels:
        return pixels
    count = tf.shape(pixels)[-1]
    transparent = tf.equal(count % 2, 0)
    alpha = tf.cond(transparent, lambda: pixels[..., -1:] / WHITE, lambda: tf.ones_like(pixels[..., :1]))
    colour = tf.cond(transparent, lambda: pixels[..., :-1], lambda: pixels)  # [..., 1 or 3]
    colour = colour * alpha + WHITE * (1.0 - alpha)
    colour = tf.broadcast_to(colour, tf.concat([tf.shape(colour)[:-1], [3]], 0))  # [..., 3]
    return colour if channels == 3 else tf.reduce_sum(colour * LUMA, axis=-1, keepdims=True)


def plan(source: Source, resolution: int | tuple[int, int] | None, channels: int | None, crop: str) -> Transform:
    """Returns the transform for what the user asked for, taking from the source what was not said."""
    check_choice("crop", crop, ("center", "none"))
    if channels is not None:
        check_choice("channels", channels, (1, 3))
    if resolution is None:
        if not source.uniform:
            raise ValueError(_different_sizes(source))
        size: tuple = source.shape[:2]
    else:
        size = tuple(resolution) if isinstance(resolution, list | tuple) else (resolution, resolution)
    if len(size) != 2 or not all(type(length) is int and length >= 1 for length in size):
        raise ValueError(
            explain(
                "`resolution` must be a side, or (height, width), in pixels.",
                received=f"resolution={resolution!r}",
                expected="an integer >= 1, or two of them",
                fix="pass e.g. resolution=64 or resolution=(64, 96).",
            )
        )
    height, width = size
    check_side("a network", height, width)
    return Transform(height, width, channels or source.shape[-1], crop)


def misfits(source: Source, transform: Transform, upscale: bool | None) -> dict[int, str]:
    """Returns why images do not fit the transform, by index.

    An image is never enlarged by accident: among files of many sizes, a small one would slip in blurred. So files
    are enlarged only with `upscale=True`; a data set whose images all have one known size is, because asking for
    more than that size is a choice. `upscale=False` forbids it everywhere.
    """
    if upscale is None:
        upscale = source.uniform and source.files is None
    wanted = (transform.height, transform.width)
    sizes = source.sizes
    if sizes is None:
        sizes = np.broadcast_to(np.array(source.shape[:2]), (source.count, 2))
    if transform.crop == "none":
        bad, rule = (sizes != wanted).any(-1), 'must be exactly that size with crop="none"'
    else:
        bad, rule = (sizes < wanted).any(-1) & (not upscale), "is smaller"
    asked = f"{wanted[1]}x{wanted[0]}"
    return {
        int(index): f"{sizes[index][1]}x{sizes[index][0]} pixels (width x height) where {asked} are asked for: {rule}"
        for index in np.flatnonzero(bad)
    }


def _different_sizes(source: Source) -> str:
    received = f"images of different sizes in {source.name}"
    if source.sizes is not None:
        other = int(np.flatnonzero((source.sizes != source.sizes[0]).any(-1))[0])
        shown = [f"{source.item(index)} has {source.sizes[index][1]}x{source.sizes[index][0]}" for index in (0, other)]
        received = f"{shown[0]} pixels, {shown[1]}"
    return explain(
        "The images have different sizes, and no resolution was given.",
        received=received,
        expected="a resolution to bring all images to",
        fix="pass e.g. resolution=64.",
    )
