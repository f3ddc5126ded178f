"""Random holes in images."""

import keras
from keras import ops


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
