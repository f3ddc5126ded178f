"""Small patches of the levels of a Laplacian pyramid: what images show at one size of detail, and where it is not."""

import itertools
from collections.abc import Iterator

import numpy as np

from tfgan_tricks.data.pixels import to_float

BATCH = 256  # images in a pyramid at once
BINOMIAL = np.array([1.0, 4.0, 6.0, 4.0, 1.0], np.float32) / 16.0


def level_count(size: tuple[int, int], coarsest: int) -> int:
    """Returns how many levels there are if none but a single one may be smaller than `coarsest`."""
    side, count = min(size), 1
    while (side + 1) // 2 >= coarsest and side > 1:
        side, count = (side + 1) // 2, count + 1
    return count


def pyramid(images: np.ndarray, levels: int) -> Iterator[np.ndarray]:
    """Yields the Laplacian levels, from fine to coarse: what each halving loses, and at last what is left.

    Args:
        images: float32 [n, height, width, channels].
        levels: how many, at least 1.
    """
    for _ in range(levels - 1):
        smaller = halve(images)
        yield images - double(smaller, images.shape[1:3])
        images = smaller
    yield images


def halve(images: np.ndarray) -> np.ndarray:
    """Returns every second row and column of blurred images, [n, ⌈h/2⌉, ⌈w/2⌉, c]."""
    return _blur(images)[:, ::2, ::2]


def double(images: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Returns images with zeros put between rows and columns, blurred to their old brightness, of that size."""
    n, _, _, channels = images.shape
    spread = np.zeros((n, *size, channels), images.dtype)
    spread[:, ::2, ::2] = images
    return 4.0 * _blur(spread)


def draw_patches(
    images: np.ndarray, size: int, each: int, levels: int, random: np.random.Generator
) -> Iterator[np.ndarray]:
    """Yields, for each level, patches at random places of all images, float32 [n * each, size, size, channels].

    Args:
        images: [n, height, width, channels], uint8 or floats in [-1, 1].
        size: side of a patch.
        each: how many patches of an image and level.
        levels: of the pyramid.
        random: draws the places.
    """
    seeds = random.integers(0, 2**63, levels)
    for level in range(levels):
        places, found = np.random.default_rng(seeds[level]), []
        for start in range(0, len(images), BATCH):
            part = images[start : start + BATCH]
            floats = to_float(part) if part.dtype == np.uint8 else part.astype("float32")
            found.append(_cut(next(itertools.islice(pyramid(floats, levels), level, None)), size, each, places))
        yield np.concatenate(found)


def _cut(images: np.ndarray, size: int, each: int, random: np.random.Generator) -> np.ndarray:
    windows = np.lib.stride_tricks.sliding_window_view(images, (size, size), axis=(1, 2))  # [n, h', w', c, size, size]
    n, rows, columns = windows.shape[:3]
    top, left = random.integers(0, rows, (n, each)), random.integers(0, columns, (n, each))
    chosen = windows[np.arange(n)[:, np.newaxis], top, left]  # [n, each, c, size, size]
    return np.moveaxis(chosen, 2, -1).reshape(n * each, size, size, -1)


def _blur(images: np.ndarray) -> np.ndarray:
    """Returns binomial means of 5 rows and columns; beyond the border, images go on as in a mirror."""
    for axis in (1, 2):
        width = [(0, 0)] * 4
        width[axis] = (2, 2)
        length = images.shape[axis]
        mode = "reflect" if length > 1 else "edge"
        padded = np.pad(images, width, mode)  # type: ignore[call-overload]
        images = sum(  # type: ignore[assignment]
            weight * padded.take(range(shift, shift + length), axis) for shift, weight in enumerate(BINOMIAL)
        )
    return images
