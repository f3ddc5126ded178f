"""Straight lines between given points."""

import keras
from keras import ops

from tfgan_tricks.checks import check_integer, check_range, explain
from tfgan_tricks.schedules.schedule import Schedule


@keras.saving.register_keras_serializable("tfgan_tricks")
class Piecewise(Schedule):
    """Joins points (images, value) by straight lines; before the first and after the last point it is constant.

    For a warm-up that is followed by a decay, and for whatever the other schedules do not say. Two points at the same
    image make a jump, and the later one holds at that image.

    **Source**: elementary; a ramp up over the first epochs, as in Goyal et al., 2017, arXiv:1706.02677, section 2.2, is
    the usual use.

    **Differs from the paper**: no.

    Args:
        points: pairs (images seen by the generator, value), at least one, in ascending order of images.

    Call arguments:
        images_seen: integer scalar.

    Output shape: scalar, float32.

    **Cost**: none.

    **Combines badly with**: nothing known.

    Example:

    >>> schedule = tfgan_tricks.schedules.Piecewise([(0, 0.0), (100, 1.0), (500, 1.0), (500, 0.1)])
    >>> [round(float(schedule(n)), 3) for n in (0, 50, 100, 499, 500)]
    [0.0, 0.5, 1.0, 1.0, 0.1]
    """

    def __init__(self, points):
        self.points = tuple(_check_point(i, point) for i, point in enumerate(points))
        places = [images for images, _ in self.points]
        if not places or places != sorted(places):
            raise ValueError(
                explain(
                    "The points are not in ascending order of images." if places else "There are no points.",
                    received=f"points={points!r}",
                    expected="pairs (images, value) such as [(0, 0.0), (50_000, 1e-4)]",
                    fix="sort them by their images; two at the same image make a jump.",
                )
            )

    def __call__(self, images_seen):
        seen = ops.cast(images_seen, "float32")
        value = ops.convert_to_tensor(self.points[0][1], "float32")
        for (left, before), (right, after) in zip(self.points, self.points[1:], strict=False):
            done = ops.where(seen >= right, 1.0, (seen - left) / max(right - left, 1))  # a jump has no way between
            value = ops.where(seen >= left, (1.0 - done) * before + done * after, value)
        return value


def _check_point(i: int, point) -> tuple[int, float]:
    try:
        images, value = point
    except (TypeError, ValueError):
        raise ValueError(
            explain(
                f"`points[{i}]` is no pair.",
                received=repr(point),
                expected="(images, value)",
                fix="write the points as [(0, 0.0), (50_000, 1e-4)].",
            )
        ) from None
    check_integer(f"points[{i}][0]", images, at_least=0)
    check_range(f"points[{i}][1]", value)
    return images, value
