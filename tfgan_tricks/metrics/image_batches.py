"""Images on their way into a feature extractor: as bytes, batch after batch."""

from collections.abc import Callable, Iterator

import numpy as np

from tfgan_tricks.data.pixels import to_uint8
from tfgan_tricks.metrics.input_checks import check_images


def batches_of_bytes(images, batch_size: int) -> Iterator[np.ndarray]:
    """Yields images as uint8; floats are rounded to the levels that a file would have, real and generated alike."""
    array = check_images(images)
    for start in range(0, len(array), batch_size):
        part = array[start : start + batch_size]
        yield part if part.dtype == np.uint8 else np.asarray(to_uint8(part))


def in_batches(function: Callable[[np.ndarray], np.ndarray], images, batch_size: int) -> np.ndarray:
    """Returns what a function of uint8 images gives for all of them, float32 [n, ...]."""
    return np.concatenate([np.asarray(function(part), "float32") for part in batches_of_bytes(images, batch_size)])
