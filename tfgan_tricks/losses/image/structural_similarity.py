"""Structural similarity of images, on one scale: local means, variances and covariances."""

import numpy as np
from keras import ops

K1, K2 = 0.01, 0.03  # the constants of the paper that keep the quotients finite


def similarity(one, other, filter_size: int, filter_sigma: float):
    """Returns the mean structural similarity of images in [0, 1], and its part without brightness.

    Args:
        one: [n, h, w, c], float32.
        other: the same.
        filter_size: side of the Gaussian window; only whole windows count.
        filter_sigma: its standard deviation in pixels.

    Returns:
        two tensors [n, c]: luminance · contrast and structure, and contrast and structure alone.
    """
    mean_one, mean_other = (blur(images, filter_size, filter_sigma) for images in (one, other))
    product = mean_one * mean_other
    squares = ops.square(mean_one) + ops.square(mean_other)
    covariance = blur(one * other, filter_size, filter_sigma) - product
    variances = blur(ops.square(one) + ops.square(other), filter_size, filter_sigma) - squares
    luminance = (2.0 * product + K1**2) / (squares + K1**2)
    structure = (2.0 * covariance + K2**2) / (variances + K2**2)
    return ops.mean(luminance * structure, axis=(1, 2)), ops.mean(structure, axis=(1, 2))


def blur(images, size: int, sigma: float):
    """Returns the Gaussian mean of each whole window, [n, h - size + 1, w - size + 1, c]."""
    channels = images.shape[-1]
    place = np.arange(size) - (size - 1) / 2
    weights = np.exp(-np.square(place) / (2.0 * sigma**2))
    kernel = np.repeat(weights / weights.sum(), channels).reshape(size, 1, channels, 1).astype("float32")
    for shape in ((size, 1, channels, 1), (1, size, channels, 1)):  # rows, then columns
        window = ops.convert_to_tensor(kernel.reshape(shape))
        images = ops.depthwise_conv(images, window, padding="valid", data_format="channels_last")
    return images


def halve(images):
    """Returns the mean of each 2 × 2 pixels; a last odd row or column counts twice. [n, ⌈h/2⌉, ⌈w/2⌉, c]"""
    return ops.average_pool(images, 2, strides=2, padding="same", data_format="channels_last")


def to_unit_range(images):
    """Returns images in [-1, 1] as float32 in [0, 1]; brightness is compared from black."""
    return (ops.cast(images, "float32") + 1.0) / 2.0
