"""The generator copies training images."""

import numpy as np

from tfgan_tricks.checks import check_integer, check_range
from tfgan_tricks.diagnostics.detector import Detector
from tfgan_tricks.diagnostics.finding import Finding, Remedy
from tfgan_tricks.diagnostics.image_statistics import generated, nearest_other, real_like, rows, squares_between

FEWEST = 16  # values of an image: in d dimensions a share of 3^-d looks like copies by chance
COPIES, DISTANCE, KNOWN = "memorisation/copies", "memorisation/distance", "memorisation/reference"


class Memorisation(Detector):
    """Finds generated images that are copies of real ones.

    An image counts as a copy of its nearest real image if that is less than a third as far as the second nearest:
    images that are new lie between several real ones. Only copies of images that the doctor was given are found, so
    give it many; real images that come twice count once.

    Signals: "memorisation/copies", the share of copies; "memorisation/distance", the median distance of generated
    images to the nearest real one, over that of real images to the nearest other; "memorisation/reference", how many
    different real images they were compared with.

    **Source**: Gu et al., 2023, arXiv:2310.02664, who count copies by that ratio; Karras et al., 2020,
    arXiv:2006.06676, for GANs on few images.

    **Differs from the paper**: pixels of images of at most about 32 pixels a side.

    Args:
        ratio: of the distances to the nearest and to the second nearest real image, below which an image is a copy.
        some: share of copies from which on it is a warning.
        many: share of copies from which on it is serious.
        looks: how many looks in a row must agree.

    **Cost**: distances of the images of a look to all real images that the doctor was given.

    **Combines badly with**: data that hold nearly the same image several times, whose copies are not found.

    Example:

    >>> values = {"memorisation/copies": 0.75, "memorisation/distance": 0.1, "memorisation/reference": 16.0}
    >>> looks = tuple(tt.diagnostics.Snapshot(images, values) for images in (1_000, 2_000, 3_000))
    >>> [finding.severity for finding in tt.diagnostics.Memorisation()(tt.diagnostics.Window(looks))]
    ['serious']
    """

    name = "memorisation"

    def __init__(self, ratio: float = 1 / 3, some: float = 0.1, many: float = 0.5, looks: int = 3):
        check_range("ratio", ratio, low=0.0, high=1.0, low_open=True, high_open=True)
        check_range("many", many, low=0.0, high=1.0, low_open=True)
        check_range("some", some, low=0.0, high=many, low_open=True)
        check_integer("looks", looks, at_least=1)
        self.ratio = ratio
        self.some = some
        self.many = many
        self.looks = looks

    def measure(self, look):
        images = generated(look)
        real = None if images is None else real_like(images, look.reference)
        if images is None or real is None:
            return {}
        memory = look.subject.memory
        if self.name not in memory:  # the real images stay the same
            memory[self.name] = _prepared(real)
        known, typical = memory[self.name]
        if typical == 0.0:
            return {}
        first, second = np.sqrt(np.partition(squares_between(rows(images), known), 1, axis=1)[:, :2]).T
        share = float(np.mean(first < self.ratio * second))
        return {COPIES: share, DISTANCE: float(np.median(first) / typical), KNOWN: float(len(known))}

    def __call__(self, window):
        share, distance, known = (window.last(name) for name in (COPIES, DISTANCE, KNOWN))
        copies = window.values(COPIES, self.looks)
        if share is None or len(copies) < self.looks or copies.min() < self.some:
            return []
        evidence = [f"At {window.images:,} images {share:.0%} of the generated images are copies of real ones"]
        evidence[0] += f", of {known:,.0f} to compare with." if known else "."
        if distance is not None:
            far = f"{distance:.2g} times as far from a real image as those are from each other"
            evidence.append(f"Half of the generated images are at most {far}, nearest neighbours compared.")
        return [
            Finding(
                name=self.name,
                severity="serious" if copies.min() >= self.many else "warning",
                evidence=tuple(evidence),
                meaning="The generator repeats its training images: it makes nothing new. There are too few images for"
                " the size of the networks and the length of the training; metrics such as FID praise this.",
                remedies=(
                    Remedy(
                        "Augment what the critic sees, as much as it overfits.",
                        "--config.inputs='(\"AdaptiveAugment()\",)'",
                    ),
                    Remedy("Or augment by a fixed amount.", "--config.inputs='(\"DiffAugment()\",)'"),
                    Remedy("Mirror the images, if that makes sense for them.", "--config.data.flip=True"),
                    Remedy("Hold the critic's answers on both sides together.", "--config.terms='(\"LeCam(0.3)\",)'"),
                    Remedy("Stop earlier: take a checkpoint from before the copies."),
                    Remedy("Measure it on all images: tfgan-tricks evaluate with the metric memorisation."),
                ),
                source="Gu et al., 2023, arXiv:2310.02664; Karras et al., 2020, arXiv:2006.06676",
                player="generator",
            )
        ]


def _prepared(real: np.ndarray) -> tuple[np.ndarray, float]:
    """Returns the different images as rows, and their typical distance to the nearest other; 0 for too few or small."""
    known = np.unique(rows(real), axis=0)
    if known.shape[1] < FEWEST or len(known) < 3:
        return known, 0.0
    return known, float(np.sqrt(np.median(nearest_other(squares_between(known, known)))))
