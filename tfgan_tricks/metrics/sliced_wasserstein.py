"""Sliced Wasserstein distance: of rows of numbers, and of small patches of images at several sizes of detail."""

from typing import Any

import keras
import numpy as np

from tfgan_tricks.checks import check_integer, explain
from tfgan_tricks.metrics.input_checks import check_features
from tfgan_tricks.metrics.laplacian_patches import draw_patches, level_count
from tfgan_tricks.metrics.metric import Metric
from tfgan_tricks.metrics.sample_divergences import transport

AT_ONCE = 16  # directions projected on and sorted


def sliced_wasserstein(one, other, projections: int = 512, seed: int = 0) -> float:
    """Returns the mean Wasserstein-1 distance of two sets of rows, over projections on random directions.

    On a line the distance is that of sorted numbers, so many directions are cheaper than one exact distance in many
    dimensions, which costs the cube of the count.

    **Source**: Rabin et al., "Wasserstein barycenter and its application to texture mixing", 2011, SSVM.

    **Differs from the paper**: absolute differences, as Karras et al., 2018, arXiv:1710.10196, take them, in place of
    squared ones.

    Args:
        one: [n, width].
        other: [m, width].
        projections: how many directions.
        seed: of the directions.

    Returns:
        A float of at least 0, in the unit of the numbers.

    **Cost**: for each direction, n + m products of rows and sorting.

    **Combines badly with**: few samples in many dimensions: the distance of two sets of one distribution is not 0.

    Example:

    >>> rows = np.random.default_rng(0).normal(size=(50, 1))
    >>> round(tfgan_tricks.metrics.sliced_wasserstein(rows, rows + 0.25), 6)
    0.25
    """
    check_integer("projections", projections, at_least=1)
    check_integer("seed", seed, at_least=0)
    sides = [check_features(side) for side in (one, other)]
    if sides[0].shape[1] != sides[1].shape[1] or not len(sides[0]) or not len(sides[1]):
        raise ValueError(
            explain(
                "These sets cannot be projected on the same directions.",
                received=f"arrays of shapes {sides[0].shape} and {sides[1].shape}",
                expected="[n, width] and [m, width], neither of them empty",
                fix="compute both from the same features.",
            )
        )
    directions = np.random.default_rng(seed).normal(size=(sides[0].shape[1], projections))
    directions = (directions / np.linalg.norm(directions, axis=0)).astype(np.result_type(*sides, np.float32))
    total = 0.0
    for start in range(0, projections, AT_ONCE):
        chosen = directions[:, start : start + AT_ONCE]
        total += transport(*(np.sort(side @ chosen, axis=0) for side in sides)).sum()
    return float(total / projections)


@keras.saving.register_keras_serializable("tfgan_tricks")
class SlicedWasserstein(Metric):
    """Distance of small patches of real and of generated images, at each size of detail.

    The levels of a Laplacian pyramid hold details of one size each, so the distance of each tells at which size
    generated images are wrong: noise at the finest, wrong shapes at the coarsest. It needs no network. For any other
    features, call `sliced_wasserstein`.

    **Source**: Karras et al., 2018, arXiv:1710.10196, section 5.

    **Differs from the paper**: not multiplied by 1,000; any number of images on each side, where the paper takes
    16,384; sizes that are no powers of two, whose coarsest level is the smallest of at least `coarsest` pixels.

    Args:
        patches: of each image on each level.
        patch_size: side of a patch.
        coarsest: no level is smaller than so many pixels, except a single one.
        projections: directions for each level.
        seed: of places and directions.

    Returns:
        Called with real and fake `Samples`, a `MetricResult` whose value is the mean over levels. Details: "levels",
        from fine to coarse, each [side, distance].

    **Cost**: for each level, images · patches · patch_size² · channels float32 numbers of each side in memory, and
    sorting images · patches numbers for each direction.

    **Combines badly with**: brightness and contrast that are wrong everywhere: each channel is brought to mean 0 and
    deviation 1 first, as the paper does, so these go unseen.

    Example:

    >>> random = np.random.default_rng(0)
    >>> real = tfgan_tricks.metrics.Samples(np.tile(random.uniform(-1.0, 1.0, (40, 1, 1, 1)), (1, 16, 16, 1)))
    >>> fake = tfgan_tricks.metrics.Samples(random.uniform(-1.0, 1.0, (40, 16, 16, 1)))  # noise; the real ones are flat
    >>> metric = tfgan_tricks.metrics.SlicedWasserstein(patches=8, projections=32)
    >>> metric(real, fake).value > 5 * metric(real, real).value
    True
    """

    name = "sliced_wasserstein"
    needs = "images"

    def __init__(
        self, patches: int = 128, patch_size: int = 7, coarsest: int = 16, projections: int = 512, seed: int = 0
    ):
        for argument, value in (("patches", patches), ("patch_size", patch_size), ("projections", projections)):
            check_integer(argument, value, at_least=1)
        check_integer("coarsest", coarsest, at_least=patch_size)
        check_integer("seed", seed, at_least=0)
        self.patches = patches
        self.patch_size = patch_size
        self.coarsest = coarsest
        self.projections = projections
        self.seed = seed

    def measure(self, real, fake) -> tuple[float, float | None, dict[str, Any]]:
        """Returns the mean distance, and that of each level."""
        size = fake.images.shape[1:3]
        if min(size) < self.patch_size:
            raise ValueError(
                explain(
                    "The images are smaller than a patch.",
                    received=f"images of {size[0]} x {size[1]}, patch_size={self.patch_size}",
                    expected=f"images of at least {self.patch_size} x {self.patch_size}",
                    fix="pass a smaller patch_size.",
                )
            )
        count = level_count(size, self.coarsest)
        streams = np.random.default_rng(self.seed).spawn(2)
        sides = [
            draw_patches(side.images, self.patch_size, self.patches, count, stream)
            for side, stream in zip((real, fake), streams, strict=True)
        ]
        levels, side = [], min(size)
        for one, other in zip(*sides, strict=True):
            distance = sliced_wasserstein(_normalised(one), _normalised(other), self.projections, self.seed)
            levels.append([side, distance])
            side = (side + 1) // 2
        return float(np.mean([distance for _, distance in levels])), None, {"levels": levels}


def _normalised(patches: np.ndarray) -> np.ndarray:
    """Returns patches as rows, each channel with mean 0 and deviation 1 over all patches and pixels."""
    mean = patches.mean(axis=(0, 1, 2), dtype=np.float64)
    spread = patches.std(axis=(0, 1, 2), dtype=np.float64)
    scaled = (patches - mean.astype("float32")) / np.where(spread > 0.0, spread, 1.0).astype("float32")
    return scaled.reshape(len(patches), -1)
