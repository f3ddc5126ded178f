"""Half a wave of the cosine between two values."""

import math

import keras
from keras import ops

from tfgan_tricks.checks import check_integer, check_range
from tfgan_tricks.schedules.schedule import Schedule


@keras.saving.register_keras_serializable("tfgan_tricks")
class Cosine(Schedule):
    """Goes from `start` to `end` along half a cosine wave over `images`, then stays at `end`.

    Slow at both ends and steepest in the middle: a learning rate stays high for longer than on a line, and reaches
    its end without a kink. With t = images seen / `images`: end + (start - end)·(1 + cos πt)/2.

    **Source**: Loshchilov and Hutter, 2017, arXiv:1608.03983, equation 5.

    **Differs from the paper**: one descent, without restarts.

    Args:
        start: value at image 0.
        end: value from image `images` on.
        images: length of the descent in images seen by the generator, at least 1.

    Call arguments:
        images_seen: integer scalar.

    Output shape: scalar, float32.

    **Cost**: none.

    **Combines badly with**: runs that go on past `images` with an `end` of 0: nothing is learnt any more.

    Example:

    >>> schedule = tfgan_tricks.schedules.Cosine(1.0, 0.0, images=1_000)
    >>> [round(float(schedule(n)), 3) for n in (0, 250, 500, 1_000, 5_000)]
    [1.0, 0.854, 0.5, 0.0, 0.0]
    """

    def __init__(self, start: float, end: float, images: int):
        check_range("start", start)
        check_range("end", end)
        check_integer("images", images, at_least=1)
        self.start = start
        self.end = end
        self.images = images

    def __call__(self, images_seen):
        done = ops.clip(ops.cast(images_seen, "float32") / self.images, 0.0, 1.0)
        done = ops.square(ops.sin(0.5 * math.pi * done))  # (1 - cos πt)/2, which would cancel near the start
        return (1.0 - done) * self.start + done * self.end
