"""The real images that a doctor is given."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from tfgan_tricks.checks import explain


def check_real(real: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Returns a batch of real images as it is, after checking that it is one.

    Raises:
        TypeError, ValueError: if it is anything else, too small, or has parts of different lengths.
    """
    if real is None:
        return None
    fix = 'pass a batch of the data, {"image": images}, such as next(iter(dataset)).'
    problem = "The doctor cannot compare with these real images."
    if not isinstance(real, Mapping) or "image" not in real:
        received = f"a dict with {sorted(real)}" if isinstance(real, Mapping) else f"a {type(real).__name__}"
        raise TypeError(explain(problem, received=received, expected="a dict with 'image'", fix=fix))
    shapes = {name: np.shape(value) for name, value in real.items()}
    image = shapes["image"]
    if len(image) != 4 or image[0] < 1 or any(shape[:1] != image[:1] for shape in shapes.values()):
        received = ", ".join(f"'{name}' of shape {shape}" for name, shape in shapes.items())
        expected = "'image' of shape [n, height, width, channels], with at least one image, and as many labels"
        raise ValueError(explain(problem, received=received, expected=expected, fix=fix))
    return real
