"""How many classes a generator makes, as a classifier sees it; and the classes of digits in three channels."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from tfgan_tricks.checks import check_integer, explain
from tfgan_tricks.metrics.histogram_divergences import histogram_kl
from tfgan_tricks.metrics.input_checks import check_images, check_kind
from tfgan_tricks.metrics.metric import Metric
from tfgan_tricks.metrics.samples import Samples


@keras.saving.register_keras_serializable("tfgan_tricks")
class LabelCoverage(Metric):
    """Counts the classes among generated samples, by the labels that a classifier gives them.

    `ModeCoverage` for images: each class is a mode. With stacked digits there are a thousand of them
    (`stacked_labels`). The reverse Kullback-Leibler divergence compares the shares of the classes with equal ones.

    **Source**: Srivastava et al., 2017, arXiv:1705.07761 (VEEGAN); Lin et al., 2018, arXiv:1712.04086
    (PacGAN), section 4.2; both on 26,000 images.

    **Differs from the paper**: shares are compared with equal ones, which the data's nearly are.

    Args:
        modes: how many classes there are; labels count from 0.

    Returns:
        Called with `None` and fake `Samples` with labels, a `MetricResult` whose value is the number of classes found.
        Details: "modes" and "reverse_kl".

    **Cost**: that of the classifier.

    **Combines badly with**: samples of no class at all, which the classifier puts into some; classes of unequal shares
    in the data; comparison across counts, as more samples find more classes.

    Example:

    >>> fake = tfgan_tricks.metrics.Samples(labels=np.array([0, 0, 3, 3]))
    >>> result = tfgan_tricks.metrics.LabelCoverage(modes=4)(None, fake)
    >>> print(result, round(result.details["reverse_kl"], 4))
    label_coverage(modes=4)[-/4] = 2 0.6931
    """

    name = "label_coverage"
    needs = "labels"
    compares = False
    higher_is_better = True

    def __init__(self, modes: int):
        check_integer("modes", modes, at_least=1)
        self.modes = modes

    def minimum(self, width: int) -> tuple[int, str]:
        """Returns the fewest samples, and the reason in a few words."""
        return 1, "one sample is of one class"

    def measure(self, real: Samples | None, fake: Samples) -> tuple[float, float | None, dict[str, Any]]:
        """Returns the number of classes found, and the divergence of their shares from equal ones."""
        counts = np.bincount(labels_below(fake.labels, self.modes), minlength=self.modes)
        details = {"modes": self.modes, "reverse_kl": histogram_kl(counts, np.ones(self.modes))}
        return float((counts > 0).sum()), None, details


def stacked_labels(images, classify: Callable[[np.ndarray], Any], classes: int = 10) -> np.ndarray:
    """Returns one label for all channels of each image, each channel classified for itself.

    The label reads as a number: with ten classes, the digits 4, 0 and 7 in the three channels give 407.

    **Source**: Metz et al., 2017, arXiv:1611.02163, section 3.3.1, for the stacked digits.

    **Differs from the paper**: any number of channels, and any classifier.

    Args:
        images: [n, height, width, channels], uint8 or floats in [-1, 1].
        classify: a function of [n, height, width, 1] that returns labels, [n], or a row of probabilities or scores of
            each class, [n, classes]; such as `Classifier("digits").probabilities`.
        classes: of one channel.

    Returns:
        int64 [n], from 0 to classes^channels - 1.

    **Cost**: a pass of the classifier for each channel.

    **Combines badly with**: images unlike what the classifier has seen.

    Example:

    >>> image = np.array([4, 0, 7], "uint8").reshape(1, 1, 1, 3)
    >>> tfgan_tricks.metrics.stacked_labels(image, lambda channel: channel[:, 0, 0, 0]).tolist()
    [407]
    """
    check_integer("classes", classes, at_least=1)
    check_kind("classify", classify, (Callable,), "pass such as Classifier('digits').probabilities.")  # type: ignore[arg-type]
    array = check_images(images)
    joined = np.zeros(len(array), np.int64)
    for channel in range(array.shape[-1]):
        told = np.asarray(classify(array[..., channel : channel + 1]))
        if told.shape not in ((len(array),), (len(array), classes)):
            raise ValueError(
                explain(
                    "The classifier's answer is unclear.",
                    received=f"an array of shape {told.shape} for {len(array)} images of one channel",
                    expected=f"labels, ({len(array)},), or scores, ({len(array)}, {classes})",
                    fix="pass such as Classifier('digits').probabilities, and the number of its classes.",
                )
            )
        joined = joined * classes + labels_below(told if told.ndim == 1 else told.argmax(axis=1), classes)
    return joined


def labels_below(labels: np.ndarray, classes: int | None = None) -> np.ndarray:
    """Returns labels as int64 [n]; raises `ValueError` unless they are integers from 0, and below `classes`."""
    whole = labels.ndim == 1 and np.issubdtype(labels.dtype, np.integer)
    if not whole or labels.min() < 0 or (classes is not None and labels.max() >= classes):
        about = f"from {labels.min()} to {labels.max()}" if labels.size else "empty"
        raise ValueError(
            explain(
                "These are no labels of classes.",
                received=f"an array of shape {labels.shape} and type {labels.dtype}, {about}",
                expected="[n] integers from 0" + ("" if classes is None else f" to {classes - 1}"),
                fix="number the classes from 0; of probabilities, take argmax(axis=1).",
            )
        )
    return labels.astype(np.int64)
