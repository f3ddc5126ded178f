"""Which classes a generator makes, as a classifier trained on the real images sees it."""

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from tfgan_tricks.checks import check_integer, explain
from tfgan_tricks.metrics.input_checks import check_finite


def class_shares(real_images, real_labels, generated_images, neighbours: int = 3) -> dict[int, float]:
    """Returns the share of each class among generated images, told by a nearest-neighbour classifier.

    A quick look for mode collapse on labelled data: a class that is missing or rare in the samples is a mode that
    the generator has dropped. It says nothing of quality.

    **Source**: the idea of counting modes with a classifier from Srivastava et al., 2017, arXiv:1705.07761, section 4.

    **Differs from the paper**: a k-nearest-neighbour classifier on pixels in place of a trained network.

    Args:
        real_images: [n, h, w, c], any range.
        real_labels: [n], integers.
        generated_images: [m, h, w, c], in the range of the real ones.
        neighbours: k of the classifier, at least 1 and at most n.

    Returns:
        dict from each label of the real data to its share in [0, 1]; the shares sum to 1.

    **Cost**: m·n distances between images, outside of training.

    **Combines badly with**: data whose classes do not differ in pixels.

    Example:

    >>> real = np.array([0.0, 1.0]).reshape(2, 1, 1, 1)
    >>> generated = np.array([0.1, 0.2, 0.9, 0.0]).reshape(4, 1, 1, 1)
    >>> tfgan_tricks.metrics.class_shares(real, [3, 7], generated, neighbours=1)
    {3: 0.75, 7: 0.25}
    """
    check_integer("neighbours", neighbours, at_least=1)
    real, generated = (np.asarray(images, "float32") for images in (real_images, generated_images))
    if (
        not real.ndim
        or not generated.ndim
        or real.shape[1:] != generated.shape[1:]
        or not len(real)
        or not len(generated)
    ):
        raise ValueError(
            explain(
                "Real and generated images cannot be compared.",
                received=f"real {real.shape}, generated {generated.shape}",
                expected="two non-empty arrays of images of the same shape",
                fix="load the real images at the generator's resolution and channels.",
            )
        )
    for images, side in ((real, "real images"), (generated, "generated images")):
        check_finite(images, side)
    labels = np.asarray(real_labels)
    if labels.shape != (len(real),) or labels.dtype.kind not in "iu":
        raise ValueError(
            explain(
                "Each real image needs one label.",
                received=f"{len(real)} real images, labels of shape {labels.shape} and type {labels.dtype}",
                expected=f"{len(real)} integers",
                fix="pass images and labels of the same split; of one-hot labels, take argmax(axis=1).",
            )
        )
    if neighbours > len(real):
        raise ValueError(
            explain(
                "There are fewer real images than neighbours.",
                received=f"neighbours={neighbours}, {len(real)} real images",
                expected=f"neighbours of at most {len(real)}",
                fix="pass more real images, or fewer neighbours.",
            )
        )
    classifier = KNeighborsClassifier(neighbours).fit(real.reshape(len(real), -1), labels)
    told = classifier.predict(generated.reshape(len(generated), -1))
    return {int(label): float(np.mean(told == label)) for label in np.unique(labels)}
