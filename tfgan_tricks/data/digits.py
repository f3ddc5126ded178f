"""The handwritten digits that come with scikit-learn: offline, the default of the library."""

import numpy as np
from sklearn.datasets import load_digits

from tfgan_tricks.data.in_memory import from_arrays
from tfgan_tricks.data.source import Source

HIGHEST = 16  # the pixels count dark dots of a 4x4 block


def open_digits() -> Source:
    """Returns the 1,797 grey 8x8 digits (test part of UCI's "optical recognition of handwritten digits")."""
    digits = load_digits()
    images = np.rint(digits.images * (255.0 / HIGHEST)).astype(np.uint8)  # [1797, 8, 8]
    names = tuple(str(name) for name in digits.target_names)
    return from_arrays("digits", images, digits.target, names)
