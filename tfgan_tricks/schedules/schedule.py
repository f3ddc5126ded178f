"""The protocol of a schedule, and how a number or a schedule is read."""

from numbers import Real

from keras import ops

from tfgan_tricks.checks import check_range, check_type
from tfgan_tricks.serialization import Configurable


class Schedule(Configurable):
    """A value that changes with the number of images the generator has seen.

    Time is counted in images, not steps, so that a schedule means the same at every batch size and on every
    number of replicas. A subclass implements `__call__` with `keras.ops`.
    """

    def __call__(self, images_seen):
        """Returns the value at `images_seen` (integer scalar) as a float32 scalar."""
        raise NotImplementedError(f"{type(self).__name__} must implement __call__(images_seen).")


def value_at(value: "float | Schedule", images_seen):
    """Returns a plain number unchanged and a schedule's value at `images_seen`, as a float32 scalar."""
    return value(images_seen) if isinstance(value, Schedule) else ops.cast(value, "float32")


def check_schedule(argument: str, value: object, *, low: float = float("-inf")) -> None:
    """Raises unless `value` is a number of at least `low`, or a schedule (a lambda could not be saved)."""
    fix = f"pass a number, or a schedule such as tfgan_tricks.schedules.Linear(start, end, images=...) as {argument}."
    check_type(argument, value, (Real, Schedule), fix)
    if not isinstance(value, Schedule):
        check_range(argument, value, low=low)
