"""One value for a while, then a straight line to another."""

import keras
from keras import ops

from tfgan_tricks.checks import check_integer, check_range
from tfgan_tricks.schedules.schedule import Schedule


@keras.saving.register_keras_serializable("tfgan_tricks")
class ConstantThenLinear(Schedule):
    """Stays at `value` for `constant_images`, goes to `end` in a straight line over `images`, and stays there.

    The usual schedule of image translation: half of the run at the full learning rate, then down to 0.

    **Source**: Zhu et al., 2017, arXiv:1703.10593, section 4: 100 epochs at one rate, 100 epochs linearly to 0.

    **Differs from the paper**: time is counted in images, not in epochs.

    Args:
        value: value until image `constant_images`.
        end: value from image `constant_images + images` on.
        constant_images: images seen by the generator before the line begins, at least 0.
        images: length of the line in images, at least 1.

    Call arguments:
        images_seen: integer scalar.

    Output shape: scalar, float32.

    **Cost**: none.

    **Combines badly with**: nothing known.

    Example:

    >>> schedule = tfgan_tricks.schedules.ConstantThenLinear(2e-4, 0.0, constant_images=1_000, images=1_000)
    >>> [round(float(schedule(n)), 7) for n in (0, 1_000, 1_500, 2_000, 5_000)]
    [0.0002, 0.0002, 0.0001, 0.0, 0.0]
    """

    def __init__(self, value: float, end: float, constant_images: int, images: int):
        check_range("value", value)
        check_range("end", end)
        check_integer("constant_images", constant_images, at_least=0)
        check_integer("images", images, at_least=1)
        self.value = value
        self.end = end
        self.constant_images = constant_images
        self.images = images

    def __call__(self, images_seen):
        past = ops.cast(images_seen, "float32") - self.constant_images
        done = ops.clip(past / self.images, 0.0, 1.0)
        return (1.0 - done) * self.value + done * self.end
