"""Whether generated images are copies of training images: nearest neighbours beside those of unseen real images."""

import hashlib
import math
from typing import Any

import keras
import numpy as np

from tfgan_tricks.checks import check_range
from tfgan_tricks.data.pixels import to_uint8
from tfgan_tricks.metrics.metric import Metric
from tfgan_tricks.metrics.neighbours import centred, squared_distances
from tfgan_tricks.metrics.result import MetricResult
from tfgan_tricks.metrics.samples import Samples

SHOWN = 5  # closest pairs that a result names


@keras.saving.register_keras_serializable("tfgan_tricks")
class NearestNeighbourMemorisation(Metric):
    """Share of generated images that lie closer to a training image than nearly all unseen real images do.

    A generator that repeats its training images has a perfect `FID` and is worth nothing. How close is too close is
    told by real images that the generator has not seen: by the definition of the threshold, a share of `quantile` of
    them is that close to the training images. Without unseen images, each training image's distance to the nearest
    other one takes their place. Look at the closest pairs before you believe it.

    **Source**: Meehan et al., 2020, arXiv:2004.05675: distances of generated and of held-out samples to the
    training set.

    **Differs from the paper**: a share below a quantile in place of a test statistic by cells; the paper's statistic
    without cells is in the details, as a share.

    Args:
        quantile: of the distances of unseen real images, below which an image counts as too close.

    Returns:
        Called with training and fake `Samples`, a `MetricResult` whose value is about `quantile` if nothing is
        memorised, and lower if generated images are far from all real ones. Details: "expected", that quantile;
        "threshold", its distance; "closer", in how many of all pairs the generated image is closer than the unseen one
        (½ if nothing is memorised); "median" and "real_median", distances of generated and of unseen images;
        "exact_copies"; "closest", up to five [generated position, training position, distance]; "reference".

    **Cost**: a distance of each generated, and of each unseen, to each training image, a block at a time.

    **Combines badly with**: pixels as features of large images, where a shift by a pixel is far; data that hold copies
    of their own images, among which copies are what is expected.

    Example:

    >>> metrics, random = tfgan_tricks.metrics, np.random.default_rng(0)
    >>> train, unseen = (metrics.Samples(features=random.normal(size=(200, 3))) for _ in range(2))
    >>> copies = metrics.Samples(features=train.features[:100] + 1e-3)
    >>> result = metrics.NearestNeighbourMemorisation()(train, copies, held_out=unseen)
    >>> result.value, result.details["exact_copies"], result.details["reference"]
    (1.0, 0, '200 held out')
    """

    name = "memorisation"

    def __init__(self, quantile: float = 0.05):
        check_range("quantile", quantile, low=0.0, high=1.0, low_open=True, high_open=True)
        self.quantile = quantile

    def __call__(self, real: Samples | None, fake: Samples, held_out: Samples | None = None) -> MetricResult:
        """Returns the measured share with its protocol.

        Args:
            real: the images that the generator was trained on, all of them.
            fake: generated samples.
            held_out: real samples that the generator has not seen; by default each training image is taken for one.
        """
        self._check_kinds(real=real, fake=fake, held_out=held_out)
        self._check_pair(real, fake)
        sides = {"training": real, "generated": fake, "held-out": held_out}
        if held_out is not None:
            self._check_pair(real, held_out)
        for side, samples in sides.items():
            if samples is not None:
                self.check_count(side, samples.count)
        value, _, details = self.measure(real, fake, held_out)
        count = None if held_out is None else held_out.count
        return MetricResult(self.label, value, None, details, self.protocol(real, fake) | {"n_held_out": count})

    def minimum(self, width: int) -> tuple[int, str]:
        """Returns the fewest samples, and the reason in a few words."""
        fewest = max(math.ceil(1.0 / self.quantile), 2)
        return fewest, f"a share of {self.quantile} of fewer is less than one image"

    def measure(self, real, fake, held_out: Samples | None = None) -> tuple[float, float | None, dict[str, Any]]:
        """Returns the share of generated images that are too close, and what else is known of them."""
        distances, nearest = _nearest(fake.features, real.features)
        unseen, _ = _nearest(
            (real if held_out is None else held_out).features, real.features, itself=held_out is not None
        )
        threshold = float(np.quantile(unseen, self.quantile))
        order = np.sort(unseen)
        below, upto = (np.searchsorted(order, distances, side) for side in ("left", "right"))
        closer = 1.0 - float(np.mean(below + upto)) / (2 * len(order))  # a tie counts half
        first = np.argsort(distances, kind="stable")[:SHOWN]
        details = {
            "expected": self.quantile,
            "threshold": threshold,
            "closer": closer,
            "median": float(np.median(distances)),
            "real_median": float(np.median(unseen)),
            "exact_copies": exact_copies(real, fake),
            "closest": [[int(i), int(nearest[i]), float(distances[i])] for i in first],
            "reference": "training images left out one by one" if held_out is None else f"{held_out.count} held out",
        }
        return float(np.mean(distances <= threshold)), None, details


def exact_copies(real, fake) -> int:
    """Returns how many generated samples are, byte for byte, among the real ones: images, or features without them."""
    both = real.images is not None and fake.images is not None
    rows = [_bytes(side.images) if both else side.features + 0.0 for side in (real, fake)]  # + 0.0: no -0
    known, made = ([hashlib.blake2b(row.tobytes(), digest_size=16).digest() for row in side] for side in rows)
    found = set(known)
    return sum(digest in found for digest in made)


def _bytes(images: np.ndarray) -> np.ndarray:
    return images if images.dtype == np.uint8 else np.asarray(to_uint8(images))


def _nearest(one: np.ndarray, other: np.ndarray, itself: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Returns the distance of each row to the nearest row of the other set, and which one it is.

    Args:
        one: [n, width].
        other: [m, width].
        itself: whether equal positions count; they do not if both sets are the same.
    """
    rows_of_other, rows_of_one = centred(other, one)
    least, place = np.full(len(one), np.inf), np.zeros(len(one), np.int64)
    for rows, columns, distances in squared_distances(rows_of_one, rows_of_other):
        if not itself and rows == columns:
            np.fill_diagonal(distances, np.inf)
        block = distances.min(axis=1)
        place[rows] = np.where(block < least[rows], distances.argmin(axis=1) + columns.start, place[rows])
        least[rows] = np.minimum(block, least[rows])
    exact = np.linalg.norm(rows_of_one - rows_of_other[place], axis=1)  # without the rounding of the products
    return exact, place
