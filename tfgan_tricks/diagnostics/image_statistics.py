"""What several detectors of images compute."""

import numpy as np

from tfgan_tricks.diagnostics.look import Look
from tfgan_tricks.metrics.neighbours import centred, squared_distances

SIDE = 32  # pixels of the images whose distances are taken


def generated(look: Look) -> np.ndarray | None:
    """Returns the live generator's images, [n, h, w, c], `None` if they are no images or not finite."""
    images = look.inference.images
    return images if images.ndim == 4 and np.isfinite(images).all() else None


def real_like(images: np.ndarray, real: np.ndarray | None) -> np.ndarray | None:
    """Returns the real images if there are any, of the same size as generated ones, and finite."""
    if real is None or real.shape[1:] != images.shape[1:]:
        return None
    return real if np.isfinite(real).all() else None


def rows(images: np.ndarray) -> np.ndarray:
    """Returns each image as one row, [n, width]; larger ones are averaged over squares of pixels to 32 or a few more.

    A distance of pixels says more about small images, and takes no time.
    """
    n, h, w, c = images.shape
    y, x = max(1, h // SIDE), max(1, w // SIDE)
    squares = images[:, : h // y * y, : w // x * x].reshape(n, h // y, y, w // x, x, c)
    return squares.mean(axis=(2, 4), dtype=np.float64).reshape(n, -1)


def squares_between(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Returns the squared distance of each row to each row of the other set, float64 [n, m]."""
    one, other = centred(one, other)
    return next(squared_distances(one, other, block=max(len(one), len(other))))[2]


def nearest_other(found: np.ndarray) -> np.ndarray:
    """Returns the least value of each row of a square matrix beside its diagonal, [n]."""
    return np.where(np.eye(len(found), dtype=bool), np.inf, found).min(axis=1)
