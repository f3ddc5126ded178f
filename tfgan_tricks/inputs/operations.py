"""The augmentations that `AdaptiveAugment` applies by chance, each drawn for each example by itself."""

import math

import keras
from keras import ops

from tfgan_tricks.inputs.resampling import affine, resample, then

SHIFT = 0.125  # of the image: limit of the integer translation, deviation of the fractional one
SCALE = 0.2 * math.log(2.0)  # deviation of the logarithm of a zoom
BRIGHTNESS = 0.2
CONTRAST = 0.5 * math.log(2.0)
SATURATION = 1.0 * math.log(2.0)


class Draws:
    """Parameters for n examples, each the neutral value unless its operation is to be applied.

    Args:
        n: how many.
        probability: of each operation, a float32 scalar.
        seed: `SeedStream` of the update.
    """

    def __init__(self, n, probability, seed):
        self.n = n
        self.probability = probability
        self.seed = seed

    def sometimes(self, values, neutral: float = 0.0, probability=None):
        """Returns the values where the operation is applied."""
        chance = self.probability if probability is None else probability
        return ops.where(self.uniform(0.0, 1.0) < chance, values, neutral)

    def uniform(self, low: float, high: float):
        return keras.random.uniform((self.n,), low, high, dtype="float32", seed=self.seed)

    def normal(self, deviation: float):
        return deviation * keras.random.normal((self.n,), dtype="float32", seed=self.seed)

    def integers(self, count: int):
        """Returns 0 to count - 1, all alike, in float32."""
        return ops.cast(keras.random.randint((self.n,), 0, count, dtype="int32", seed=self.seed), "float32")


def blit(draws: Draws, height, width) -> list:
    """Returns the maps that undo mirroring, quarter turns, and translation by whole pixels, in that order."""
    one, zero = ops.ones((draws.n,)), ops.zeros((draws.n,))
    sign = 1.0 - 2.0 * draws.sometimes(draws.integers(2))
    turns = draws.sometimes(draws.integers(4))
    turns = ops.where(ops.equal(height, width), turns, turns - turns % 2.0)  # half turns unless the image is square
    right, up = (1.0 - turns) * (1.0 - turns % 2.0), (2.0 - turns) * (turns % 2.0)  # cosine, sine: exact integers
    x, y = (
        ops.round(ops.cast(size, "float32") * draws.sometimes(draws.uniform(-SHIFT, SHIFT))) for size in (width, height)
    )
    return [
        affine(sign, zero, zero, one, zero, zero),
        affine(right, up, -up, right, zero, zero),
        affine(one, zero, zero, one, -x, -y),
    ]


def geometry(draws: Draws, height, width) -> list:
    """Returns the maps that undo zoom, a turn, a stretch, another turn, and translation, in that order."""
    one, zero = ops.ones((draws.n,)), ops.zeros((draws.n,))
    zoom = ops.exp(-draws.sometimes(draws.normal(SCALE)))
    stretch = draws.sometimes(draws.normal(SCALE))
    # A turn before or after the stretch, or both: at least one of them with the probability of an operation.
    turn = 1.0 - ops.sqrt(1.0 - draws.probability)
    before, after = (draws.sometimes(draws.uniform(-math.pi, math.pi), probability=turn) for _ in range(2))
    x, y = (draws.sometimes(draws.normal(SHIFT)) * ops.cast(size, "float32") for size in (width, height))
    rotations = [affine(ops.cos(a), ops.sin(a), -ops.sin(a), ops.cos(a), zero, zero) for a in (before, after)]
    return [
        affine(zoom, zero, zero, zoom, zero, zero),
        rotations[0],
        affine(ops.exp(-stretch), zero, zero, ops.exp(stretch), zero, zero),
        rotations[1],
        affine(one, zero, zero, one, -x, -y),
    ]


def transform(images, maps: list):
    """Returns the images, float32 [n, h, w, c], after operations that `maps` undo, resampled once."""
    source = maps[0]
    for undo in maps[1:]:
        source = then(source, undo)
    return resample(images, source)


def recolor(images, draws: Draws):
    """Returns float32 images, [n, h, w, 1 or 3], with brightness, contrast, luma flip, hue and saturation changed.

    With x = luma + chroma, the mean over the channels and the rest, the five operations together are
    contrast · (flip · (luma + brightness) + saturation · turned(chroma)), where hue turns about the grey axis.
    """
    brightness = _per_image(draws.sometimes(draws.normal(BRIGHTNESS)))
    contrast = _per_image(ops.exp(draws.sometimes(draws.normal(CONTRAST))))
    flip = contrast * _per_image(1.0 - 2.0 * draws.sometimes(draws.integers(2)))
    luma = ops.mean(images, axis=-1, keepdims=True)  # [n, h, w, 1]
    # As changes of x, so that an image that no operation meets stays exactly as it is.
    lighter = (flip - 1.0) * luma + flip * brightness
    if images.shape[-1] == 1:
        return images + lighter
    hue = _per_image(draws.sometimes(draws.uniform(-math.pi, math.pi)))
    saturation = contrast * _per_image(ops.exp(draws.sometimes(draws.normal(SATURATION))))
    chroma = images - luma  # [n, h, w, 3]
    across = (ops.roll(chroma, -2, axis=-1) - ops.roll(chroma, -1, axis=-1)) / math.sqrt(3.0)  # a quarter turn of hue
    return images + lighter + (saturation * ops.cos(hue) - 1.0) * chroma + saturation * ops.sin(hue) * across


def _per_image(values):
    return values[:, None, None, None]  # [n, 1, 1, 1]
