"""What can be told about the data from some of its images."""

from collections.abc import Mapping
from typing import Any

import numpy as np


def data_facts(real: Mapping[str, Any] | None, data_images: int | None = None) -> dict[str, Any]:
    """Returns facts about the data, in types that JSON has.

    * `data_images`: how many images the data set has, `None` if that is not known.
    * `data`: about the images that the doctor was given, as they are, `{}` without any:
        * `images`: how many; `distinct`: how many different ones.
        * `not_finite`: share of values that are NaN or infinite. What follows is about the others.
        * `low`, `high`: least and greatest value; `outside`: share of values outside [-1, 1] by more than 0.01.
        * `constant_channels`: those that have one value throughout; `channels`: how many there are.
        * `gray`: whether there are three channels, and all of them are the same.

    Args:
        real: images of the data, a dict with "image", [n, h, w, c].
        data_images: how many images the data set has.
    """
    facts: dict[str, Any] = {"data_images": data_images, "data": {}}
    if real is None or not np.size(real["image"]):
        return facts
    images = np.asarray(real["image"])
    finite = np.isfinite(images)
    known = images[finite]
    facts["data"] = {
        "images": len(images),
        "distinct": len({(image + 0).tobytes() for image in images}),  # as -0.0 is 0.0
        "not_finite": 1.0 - float(finite.mean()),
        "low": float(known.min()) + 0.0 if known.size else None,
        "high": float(known.max()) + 0.0 if known.size else None,
        "outside": float(np.mean((known < -1.01) | (known > 1.01))) if known.size else None,
        "channels": images.shape[-1],
        "constant_channels": [c for c in range(images.shape[-1]) if np.ptp(images[..., c]) == 0],
        "gray": images.shape[-1] == 3 and bool(np.all(images == images[..., :1])),
    }
    return facts
