"""The protocol of feature extractors: from images to the numbers that a metric compares."""

from typing import Any

import numpy as np

from tfgan_tricks.checks import explain
from tfgan_tricks.serialization import Configurable


class FeatureExtractor(Configurable):
    """Turns images into one row of numbers each.

    A distance between two sets of images is a distance between their features, so it means nothing without a name
    for these. An implementation sets `name`, defines `__call__`, and overrides `settings` if the name alone does not
    say everything, and `probabilities` if it classifies.

    Class attributes:
        name: short, without spaces; it stands in the name of each result.
    """

    name: str

    def __call__(self, images) -> np.ndarray:
        """Returns features, float32 [n, width].

        Args:
            images: [n, height, width, channels], uint8 or floats in [-1, 1], as many as there are; they are worked
                on in batches.
        """
        raise NotImplementedError(f"{type(self).__name__} must implement __call__(images).")

    def probabilities(self, images, features: np.ndarray | None = None) -> np.ndarray:
        """Returns probabilities of classes, float32 [n, classes], whose rows sum to 1.

        Args:
            images: as for the features.
            features: of these images, if they are there already: it may save a pass.
        """
        raise ValueError(
            explain(
                f"{type(self).__name__} does not classify.",
                received=f"a metric that needs probabilities, and {self!r}",
                expected="an extractor with probabilities of classes",
                fix="use Classifier or InceptionFID, or KerasFeatures of a model that ends in a softmax; in a shell"
                " --features inception:FILE, or --features classifier and real images in one subfolder per class.",
            )
        )

    def about(self, shape: tuple[int, ...]) -> str:
        """Returns what a user may not know of these features, for error messages; "" for nothing.

        Args:
            shape: of one image.
        """
        return ""

    @property
    def settings(self) -> dict[str, Any]:
        """Returns what else the features depend on, in types that JSON has; it goes into each result's protocol."""
        return {}
