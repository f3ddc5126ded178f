"""Three grey images as the channels of one: a data set with a thousand known modes."""

import numpy as np

from tfgan_tricks.checks import check_integer, explain
from tfgan_tricks.data.evaluation import arrays
from tfgan_tricks.data.in_memory import from_arrays
from tfgan_tricks.data.source import Source

CHANNELS = 3


def stacked_digits(
    count: int = 128_000, *, seed: int = 0, source: str | Source = "digits", split: str = "train"
) -> Source:
    """Returns a source of colour images whose three channels are digits, each drawn for itself: 10³ = 1,000 modes.

    Mode collapse can be counted on it: a classifier of the single digit reads each channel
    (`tfgan_tricks.metrics.stacked_labels`), and `tfgan_tricks.metrics.LabelCoverage(1000)` counts what was found.

    **Source**: Metz et al., 2017, arXiv:1611.02163, section 3.3.1; 128,000 images: Lin et al., 2018,
    arXiv:1712.04086, section 4.2.

    **Differs from the paper**: the papers stack MNIST (`source="idx:DIR"`, 28x28); the digits that come with
    scikit-learn are 8x8.

    Args:
        count: how many images, drawn with replacement.
        seed: of the draw, at least 0.
        source: labelled grey images: a URI (see `open_source`), or a `Source`.
        split: which part of the data, if `source` is a URI.

    Returns:
        A `Source` of uint8 images [count, height, width, 3]. Its labels read as numbers: 4, 0 and 7 in red, green and
        blue give 407.

    Example:

    >>> source = tfgan_tricks.data.stacked_digits(1_000)
    >>> tfgan_tricks.data.describe(source)
    'stacked(digits): 1,000 images of 8x8x3 (height x width x channels), 1000 classes (000, 001, 002, 003, 004, …)'
    """
    check_integer("count", count, at_least=1)
    check_integer("seed", seed, at_least=0)
    images, labels = arrays(source, split=split)  # [n, h, w, 1]
    name = source if isinstance(source, str) else source.name
    if labels is None or images.shape[-1] != 1:
        raise ValueError(
            explain(
                "Only labelled grey images can be stacked.",
                received=f"{name}: {images.shape[-1]} channels, {'no labels' if labels is None else 'labels'}",
                expected="1 channel, and a label for each image",
                fix="pass such as 'digits', or 'idx:DIR' with the files of MNIST.",
            )
        )
    classes = int(labels.max()) + 1
    chosen = np.random.default_rng(seed).integers(0, len(images), (count, CHANNELS))
    stacked = np.concatenate([images[column] for column in chosen.T], axis=-1)  # [count, h, w, 3]
    joined = labels[chosen] @ classes ** np.arange(CHANNELS)[::-1]  # [count]
    digits = len(str(classes - 1))
    names = ("".join(f"{d:0{digits}d}" for d in np.unravel_index(k, [classes] * CHANNELS)) for k in range(classes**3))
    return from_arrays(f"stacked({name})", stacked, joined, tuple(names))
