"""The one place where pixels change their range: uint8 on disk and on screen, float32 in [-1, 1] in a network."""

import numpy as np
import tensorflow as tf

from tfgan_tricks.types import Tensor

HALF_RANGE = 127.5  # 0 -> -1, 255 -> +1; the round trip of all 256 values is exact


def to_float(images: Tensor) -> Tensor:
    """Maps uint8 pixels to float32 in [-1, 1]: x / 127.5 - 1.

    Args:
        images: uint8 array or tensor of any shape.

    Returns:
        float32 of the same shape; an array for an array, a TensorFlow tensor for anything else.

    Example:

    >>> tfgan_tricks.data.to_float(np.array([0, 255], "uint8")).tolist()
    [-1.0, 1.0]
    """
    if isinstance(images, np.ndarray):
        return images.astype(np.float32) / np.float32(HALF_RANGE) - np.float32(1.0)
    return tf.cast(images, tf.float32) / HALF_RANGE - 1.0


def to_uint8(images: Tensor) -> Tensor:
    """Maps floats in [-1, 1] to the nearest of 256 levels; what lies outside the range is clipped.

    Args:
        images: floating-point array or tensor of any shape.

    Returns:
        uint8 of the same shape; an array for an array, a TensorFlow tensor for anything else.

    Example:

    >>> tfgan_tricks.data.to_uint8(np.array([-1.0, 0.01, 3.0])).tolist()
    [0, 129, 255]
    """
    if isinstance(images, np.ndarray):
        levels = (images.astype(np.float32) + np.float32(1.0)) * np.float32(HALF_RANGE)
        return np.rint(np.clip(levels, 0.0, 255.0)).astype(np.uint8)
    levels = (tf.cast(images, tf.float32) + 1.0) * HALF_RANGE
    return tf.cast(tf.round(tf.clip_by_value(levels, 0.0, 255.0)), tf.uint8)
