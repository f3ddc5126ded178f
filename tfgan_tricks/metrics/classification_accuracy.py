"""How well a classifier that has seen only generated images tells real ones."""

from typing import Any

import keras
import numpy as np

from tfgan_tricks.checks import check_integer, explain
from tfgan_tricks.metrics.class_network import HELD_OUT, class_network, classify, train
from tfgan_tricks.metrics.image_batches import in_batches
from tfgan_tricks.metrics.label_coverage import labels_below
from tfgan_tricks.metrics.metric import Metric

BATCH = 1_024


@keras.saving.register_keras_serializable("tfgan_tricks")
class ClassificationAccuracyScore(Metric):
    """Accuracy on real images of a classifier that is trained on generated ones.

    The test of a conditional generator that asks for what it is good for: samples that miss a class, a shape or a
    variety of the data leave the classifier without it. The bound is what real images teach: `real_floor` of this
    metric trains on one half of the real samples and tests on the other.

    **Source**: Ravuri and Vinyals, 2019, arXiv:1905.10887.

    **Differs from the paper**: the small network of `Classifier` in place of a ResNet, without augmentation; top-1
    accuracy only. Numbers of the paper cannot be compared.

    Args:
        images_seen: how long to train, in images.
        seed: of initial weights, order and held-out images.

    Returns:
        Called with real and fake `Samples`, both of images and labels, a `MetricResult`. Details: "classes" has the
        accuracy on real images of each class; "generated", that on held-out generated images: high beside a low value
        means images of few kinds, low means that labels and generated images do not belong together.

    **Cost**: about a minute of training each time.

    **Combines badly with**: real images that the generator was trained on, which reward copies: take a test split;
    generated labels in other shares than the real ones.

    Example:

    >>> images, labels = tfgan_tricks.data.arrays("digits")
    >>> real = tfgan_tricks.metrics.Samples(images, labels=labels, split="train")
    >>> metric = tfgan_tricks.metrics.ClassificationAccuracyScore()
    >>> tfgan_tricks.metrics.real_floor(metric, real).value > 0.9  # doctest: +SKIP
    True
    """

    name = "classification_accuracy"
    needs = "images"
    higher_is_better = True

    def __init__(self, images_seen: int = 160_000, seed: int = 0):
        check_integer("images_seen", images_seen, at_least=1)
        check_integer("seed", seed, at_least=0)
        self.images_seen = images_seen
        self.seed = seed

    def minimum(self, width: int) -> tuple[int, str]:
        """Returns the fewest samples, and the reason in a few words."""
        return HELD_OUT, f"one in {HELD_OUT} generated images is held out"

    def measure(self, real, fake) -> tuple[float, float | None, dict[str, Any]]:
        """Returns the accuracy on all real images, on those of each class, and on held-out generated ones."""
        truth, labels = (labels_below(side.labels) for side in (real, fake))
        classes = int(max(truth.max(), labels.max())) + 1
        if len(np.unique(truth)) < 2:
            raise ValueError(
                explain(
                    "One class cannot be mistaken for another.",
                    received=f"real samples all of class {truth[0]}",
                    expected="real samples of at least two classes",
                    fix="pass labelled images of all classes, or measure FID.",
                )
            )
        network = class_network(fake.images.shape[1:], classes, self.seed)
        generated = train(network, _as_bytes(fake.images), labels, self.seed, self.images_seen)
        right = in_batches(lambda part: classify(network, part)[1], real.images, BATCH).argmax(axis=1) == truth
        each = {str(label): float(right[truth == label].mean()) for label in np.unique(truth)}
        return float(right.mean()), None, {"generated": generated, "classes": each}


def _as_bytes(images: np.ndarray) -> np.ndarray:
    return in_batches(lambda part: part, images, BATCH).astype(np.uint8)
