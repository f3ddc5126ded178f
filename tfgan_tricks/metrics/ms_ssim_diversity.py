"""How alike generated images are, by structural similarity on several scales of random pairs."""

from typing import Any

import keras
import numpy as np

from tfgan_tricks.checks import check_integer, explain
from tfgan_tricks.data.pixels import to_float
from tfgan_tricks.losses.image.multi_scale_ssim import MultiScaleSSIM
from tfgan_tricks.metrics.metric import Metric

BATCH = 64  # pairs compared at once
FACTORS = MultiScaleSSIM().power_factors


@keras.saving.register_keras_serializable("tfgan_tricks")
class MultiScaleSSIMDiversity(Metric):
    """Mean similarity of random pairs of generated images, beside that of real ones: high means all look alike.

    A quick look for mode collapse that needs no features. Only the difference from the real images' value says
    something: a value below it means noise, not more variety. It compares pairs of one class where classes differ
    anyway (`within_classes`).

    **Source**: Odena et al., 2017, arXiv:1610.09585, section 4.2; Karras et al., 2018, arXiv:1710.10196, section 5.

    **Differs from the paper**: one mean over all pairs, in which a class counts by its share of the samples, where the
    first averages 100 pairs of each class by themselves. Images too small for five scales get fewer.

    Args:
        pairs: how many random pairs of each side.
        within_classes: draw both images of a pair from one class; both sides need labels then.
        power_factors: exponent of each scale, from fine to coarse; by default the first ones of the usual five for
            which the window fits, divided by their sum.
        filter_size: side of the Gaussian window in pixels.
        filter_sigma: its standard deviation in pixels.
        seed: of the pairs.

    Returns:
        Called with real and fake `Samples`, a `MetricResult` whose value is the generated images' mean. Details:
        "real", the real images' mean; "excess", generated above real; "standard_error" of the value; "scales".

    **Cost**: twenty small convolutions for each pair and scale.

    **Combines badly with**: images of noise, which are all unlike each other; numbers at other resolutions.

    Example:

    >>> random = np.random.default_rng(0)
    >>> real = tfgan_tricks.metrics.Samples(random.integers(0, 256, (20, 16, 16, 1)).astype("uint8"))
    >>> alike = tfgan_tricks.metrics.Samples(np.repeat(real.images[:1], 20, axis=0))
    >>> result = tfgan_tricks.metrics.MultiScaleSSIMDiversity(pairs=10)(real, alike)
    >>> print(round(result.value, 4), result.details["real"] < 0.2)
    1.0 True
    """

    name = "ms_ssim"
    needs = "images"

    def __init__(
        self,
        pairs: int = 1_000,
        within_classes: bool = False,
        power_factors: tuple[float, ...] | None = None,
        filter_size: int = 11,
        filter_sigma: float = 1.5,
        seed: int = 0,
    ):
        check_integer("pairs", pairs, at_least=1)
        check_integer("seed", seed, at_least=0)
        MultiScaleSSIM(FACTORS if power_factors is None else power_factors, filter_size, filter_sigma)  # checks these
        self.pairs = pairs
        self.within_classes = within_classes
        self.power_factors = None if power_factors is None else tuple(power_factors)
        self.filter_size = filter_size
        self.filter_sigma = filter_sigma
        self.seed = seed

    def minimum(self, width: int) -> tuple[int, str]:
        """Returns the fewest samples, and the reason in a few words."""
        return 2, "a pair has two images"

    def measure(self, real, fake) -> tuple[float, float | None, dict[str, Any]]:
        """Returns the mean similarity of generated pairs, and that of real ones."""
        factors = self._factors(fake.images.shape[1:3])
        term = MultiScaleSSIM(factors, self.filter_size, self.filter_sigma)
        values = [self._similarities(side, term) for side in (real, fake)]
        means = [float(side.mean()) for side in values]
        error = float(values[1].std() / np.sqrt(self.pairs))
        details = {"real": means[0], "excess": means[1] - means[0], "standard_error": error, "scales": len(factors)}
        return means[1], None, details

    def _factors(self, size: tuple[int, int]) -> tuple[float, ...]:
        if self.power_factors is not None:
            return self.power_factors
        fitting = [s for s in range(1, len(FACTORS) + 1) if (self.filter_size - 1) * 2 ** (s - 1) < min(size)]
        chosen = FACTORS[: max(fitting, default=1)]  # one too large is refused by the term
        return tuple(factor / sum(chosen) for factor in chosen)

    def _similarities(self, side, term: MultiScaleSSIM) -> np.ndarray:
        random = np.random.default_rng(self.seed)
        draw = pairs_of_classes(side.labels, self.pairs, random) if self.within_classes else None
        first, second = pairs_of_all(side.count, self.pairs, random) if draw is None else draw
        found = []
        for start in range(0, self.pairs, BATCH):
            one, other = (_floats(side.images[i[start : start + BATCH]]) for i in (first, second))
            found.append(1.0 - keras.ops.convert_to_numpy(term.compare(one, other)).astype(np.float64))
        return np.concatenate(found)


def pairs_of_all(count: int, pairs: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Returns the positions of random pairs, none of which is of one image with itself."""
    first = random.integers(0, count, pairs)
    return first, (first + random.integers(1, count, pairs)) % count


def pairs_of_classes(labels: np.ndarray, pairs: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Returns the positions of random pairs of one class each; classes of one image are left out."""
    order = np.argsort(labels, kind="stable")
    _, starts, sizes = np.unique(labels[order], return_index=True, return_counts=True)
    begin, size = (np.repeat(array, sizes) for array in (starts, sizes))  # of the class at each place of the order
    usable = np.flatnonzero(size > 1)
    if not len(usable):
        raise ValueError(
            explain(
                "No class has two images to compare.",
                received=f"{len(labels)} images of {len(starts)} classes",
                expected="a class with two images",
                fix="measure more images, or pass within_classes=False.",
            )
        )
    first = random.choice(usable, pairs)
    step = 1 + np.floor(random.random(pairs) * (size[first] - 1)).astype(np.int64)  # from 1 to size - 1
    second = begin[first] + (first - begin[first] + step) % size[first]
    return order[first], order[second]


def _floats(images: np.ndarray) -> np.ndarray:
    return to_float(images) if images.dtype == np.uint8 else images.astype("float32")  # type: ignore[return-value]
