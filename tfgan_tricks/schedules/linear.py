"""Straight line between two values."""

import keras
from keras import ops

from tfgan_tricks.checks import check_integer, check_range
from tfgan_tricks.schedules.schedule import Schedule


@keras.saving.register_keras_serializable("tfgan_tricks")
class Linear(Schedule):
    """Goes from `start` to `end` in a straight line over `images`, then stays at `end`.

    Use it to let instance noise or a penalty's weight decay over the first part of a run.

    **Source**: elementary; annealed instance noise in Sønderby et al., 2016, arXiv:1610.04490, is the usual use.

    **Differs from the paper**: no.

    Args:
        start: value at image 0.
        end: value from image `images` on.
        images: length of the line in images seen by the generator, at least 1.

    Call arguments:
        images_seen: integer scalar.

    Output shape: scalar, float32.

    **Cost**: none.

    **Combines badly with**: nothing known.

    Example:

    >>> schedule = tfgan_tricks.schedules.Linear(0.1, 0.0, images=1_000)
    >>> [round(float(schedule(n)), 3) for n in (0, 250, 1_000, 5_000)]
    [0.1, 0.075, 0.0, 0.0]
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
        return (1.0 - done) * self.start + done * self.end
