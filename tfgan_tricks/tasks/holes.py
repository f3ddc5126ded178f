"""Random holes in images."""

from collections.abc import Iterable
from numbers import Real

import keras
from keras import ops

from tfgan_tricks.checks import explain


def rectangles(n, height, width, size: tuple[float, float], count: int, seed):
    """Returns where rectangles lie that fit into an image, each of its own height, width and place.

    Args:
        n: images.
        height: of an image, in pixels.
        width: of an image, in pixels.
        size: range of a rectangle's height as a share of the image's, and of its width; at least one pixel.
        count: rectangles per image; they may overlap.
        seed: where the random numbers come from.

    Returns:
        tops, bottoms, lefts and rights, int32 [n, count] each; bottom and right are the first pixel outside.
    """
    top, bottom = _spans(n, height, size, count, seed)
    left, right = _spans(n, width, size, count, seed)
    return top, bottom, left, right


def mask_of(corners, height, width):
    """Returns 1 in the rectangles and 0 elsewhere, float32 [n, height, width, 1]; `corners` as from `rectangles`."""
    top, bottom, left, right = (ops.expand_dims(corner, -1) for corner in corners)  # [n, count, 1]
    rows, columns = ops.arange(height, dtype="int32"), ops.arange(width, dtype="int32")
    rows = (rows >= top) & (rows < bottom)  # [n, count, height]
    columns = (columns >= left) & (columns < right)  # [n, count, width]
    inside = ops.any(rows[:, :, :, None] & columns[:, :, None, :], axis=1)  # [n, height, width]
    return ops.cast(inside[..., None], "float32")


def binary(mask, dtype: str):
    """Returns 1 where a mask of any dtype is above 0.5, and 0 elsewhere."""
    return ops.cast(ops.cast(mask, "float32") > 0.5, dtype)


def checked_size(size: object) -> tuple[float, float]:
    """Returns the range `hole_size`, or raises `ValueError` with what is wrong about it."""
    values = tuple(size) if isinstance(size, Iterable) else ()
    if len(values) != 2:
        problem, fix = (
            "`hole_size` is no range of two shares.",
            "pass the smallest and the largest, equal ones for one.",
        )
    elif not all(isinstance(value, Real) and not isinstance(value, bool) for value in values):
        problem, fix = "`hole_size` holds something else than numbers.", "pass two floats."
    elif not all(0.0 < value <= 1.0 for value in values):
        problem, fix = "`hole_size` goes beyond the image.", "a share is above 0, and at most 1: the whole side."
    elif values[0] > values[1]:
        problem, fix = "`hole_size` begins with the larger share.", f"swap them: hole_size=({values[1]}, {values[0]})."
    else:
        return float(values[0]), float(values[1])
    expected = "(low, high), two numbers with 0 < low <= high <= 1, e.g. (0.25, 0.5)"
    raise ValueError(explain(problem, received=f"hole_size={size!r}", expected=expected, fix=fix))


def _spans(n, extent, size, count: int, seed):
    """Returns where random spans inside of [0, extent) begin and end."""
    extent = ops.cast(extent, "float32")
    low, high = (ops.maximum(ops.round(share * extent), 1.0) for share in size)
    length = low + _whole(n, count, high - low, seed)
    start = _whole(n, count, extent - length, seed)
    return ops.cast(start, "int32"), ops.cast(start + length, "int32")


def _whole(n, count: int, largest, seed):
    """Returns random whole numbers from 0 to `largest`, float32 [n, count]."""
    return ops.minimum(ops.floor(keras.random.uniform((n, count), seed=seed) * (largest + 1.0)), largest)
