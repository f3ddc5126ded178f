"""Images looked up at other places, one map per example, differentiable in the image."""

from keras import ops

NEUTRAL = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def pixels_at(images, rows, columns):
    """Returns the pixels at integer places within the images.

    Args:
        images: [n, h, w, c].
        rows: int32, [n, ...].
        columns: int32, of a shape that goes with `rows`.

    Returns:
        [n, ..., c].
    """
    n, h, w, c = ops.shape(images)
    example = ops.reshape(ops.arange(n, dtype="int32"), (n, *(1,) * (len(rows.shape) - 1)))
    places = (example * h + rows) * w + columns
    return ops.take(ops.reshape(images, (-1, c)), places, axis=0)


def affine(xx, xy, yx, yy, x, y):
    """Returns maps of the plane, (x, y) to (xx·x + xy·y + x, yx·x + yy·y + y), from coefficients of shape [n]."""
    zero, one = ops.zeros_like(xx), ops.ones_like(xx)
    rows = [ops.stack(row, axis=-1) for row in ((xx, xy, x), (yx, yy, y), (zero, zero, one))]
    return ops.stack(rows, axis=-2)  # [n, 3, 3]


def then(one, other):
    """Returns the maps that apply `other` and then `one`; not as a matrix product, which TF32 would round."""
    return ops.sum(one[:, :, :, None] * other[:, None, :, :], axis=2)  # [n, 3, 3]


def resample(images, source):
    """Returns images whose pixel at (x, y) is the input's at source(x, y), bilinear, mirrored beyond the border.

    Places are in pixels from the centre, x to the right and y down. The mirror stands on the outermost pixels. Where
    `source` meets pixels exactly, they come back exactly.

    Args:
        images: float32, [n, h, w, c].
        source: maps, float32, [n, 3, 3].
    """
    _, h, w, _ = ops.shape(images)
    x = (ops.arange(w, dtype="float32") - _centre(w))[None, None, :]  # [1, 1, w]
    y = (ops.arange(h, dtype="float32") - _centre(h))[None, :, None]  # [1, h, 1]
    m = source[:, :, :, None, None]  # [n, 3, 3, 1, 1]
    left, right, to_right = _neighbours(m[:, 0, 0] * x + m[:, 0, 1] * y + m[:, 0, 2] + _centre(w), w)  # [n, h, w]
    above, below, to_below = _neighbours(m[:, 1, 0] * x + m[:, 1, 1] * y + m[:, 1, 2] + _centre(h), h)  # [n, h, w]
    to_right, to_below = to_right[..., None], to_below[..., None]
    upper = (1.0 - to_right) * pixels_at(images, above, left) + to_right * pixels_at(images, above, right)
    lower = (1.0 - to_right) * pixels_at(images, below, left) + to_right * pixels_at(images, below, right)
    return (1.0 - to_below) * upper + to_below * lower  # [n, h, w, c]


def _centre(size):
    return (ops.cast(size, "float32") - 1.0) / 2.0


def _neighbours(place, size):
    """Returns the two pixels around each place on an axis, and how far it is from the first to the second."""
    last = ops.cast(size, "float32") - 1.0
    period = ops.maximum(2.0 * last, 1.0)
    place = ops.mod(place, period)
    place = ops.clip(ops.minimum(place, period - place), 0.0, last)  # folded: 0 ... last ... 0 over a period
    first = ops.floor(place)
    second = ops.minimum(first + 1.0, last)
    return ops.cast(first, "int32"), ops.cast(second, "int32"), place - first
