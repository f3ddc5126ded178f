"""Exponential decay."""

import keras
from keras import ops

from tfgan_tricks.checks import check_integer, check_range
from tfgan_tricks.schedules.schedule import Schedule


@keras.saving.register_keras_serializable("tfgan_tricks")
class HalfLife(Schedule):
    """Goes from `start` towards `end`, half of the remaining way in every `images`.

    Never arrives, so it needs no length of the run: end + (start - end)·½^(images seen / `images`).

    **Source**: elementary; Szegedy et al., 2015, arXiv:1409.4842, section 6, take 4 % off the learning rate every 8
    epochs.

    **Differs from the paper**: no.

    Args:
        start: value at image 0.
        end: value that is approached.
        images: half-life in images seen by the generator, at least 1.

    Call arguments:
        images_seen: integer scalar.

    Output shape: scalar, float32.

    **Cost**: none.

    **Combines badly with**: nothing known.

    Example:

    >>> schedule = tfgan_tricks.schedules.HalfLife(1.0, images=1_000)
    >>> [round(float(schedule(n)), 3) for n in (0, 500, 1_000, 3_000)]
    [1.0, 0.707, 0.5, 0.125]
    """

    def __init__(self, start: float, end: float = 0.0, *, images: int):
        check_range("start", start)
        check_range("end", end)
        check_integer("images", images, at_least=1)
        self.start = start
        self.end = end
        self.images = images

    def __call__(self, images_seen):
        left = ops.power(0.5, ops.cast(images_seen, "float32") / self.images)
        return left * self.start + (1.0 - left) * self.end
