"""The pixels themselves as features."""

import math

import keras
import numpy as np

from tfgan_tricks.data.pixels import to_float
from tfgan_tricks.metrics.feature_extractor import FeatureExtractor
from tfgan_tricks.metrics.input_checks import check_images


@keras.saving.register_keras_serializable("tfgan_tricks", name="IdentityFeatures")  # Identity is a term
class Identity(FeatureExtractor):
    """The pixels themselves as features, in [-1, 1].

    For data where a pixel means something, as in tiny digits, and for tests of metrics. Distances between pixels say
    little about what images show.

    **Source**: none.

    **Differs from the paper**: there is none.

    **Cost**: a copy of the images in float32.

    **Combines badly with**: `FID` on large images, whose covariance has as many rows as there are pixels.

    Example:

    >>> tfgan_tricks.metrics.Identity()(np.array([[[[0], [255]]]], "uint8")).tolist()
    [[-1.0, 1.0]]
    """

    name = "pixels"

    def __call__(self, images) -> np.ndarray:
        """Returns the pixels of each image in one row, float32 [n, height * width * channels].

        Args:
            images: [n, height, width, channels], uint8 or floats in [-1, 1].
        """
        array = check_images(images)
        return (to_float(array) if array.dtype == np.uint8 else array.astype("float32")).reshape(len(array), -1)

    def about(self, shape: tuple[int, ...]) -> str:
        """Returns that these are pixels, and how many."""
        return f"the features are the pixels: {'x'.join(map(str, shape))} = {math.prod(shape):,}"
