"""A classifier trained on the labelled data set itself: features without a download."""

import os
from typing import Any

import keras
import numpy as np

from tfgan_tricks.checks import check_integer, check_range, explain
from tfgan_tricks.data.source import Source
from tfgan_tricks.metrics.feature_extractor import FeatureExtractor
from tfgan_tricks.metrics.image_batches import in_batches
from tfgan_tricks.metrics.input_checks import check_images, check_kind, check_shape
from tfgan_tricks.metrics.trained_classifier import TrainedClassifier, trained_classifier


@keras.saving.register_keras_serializable("tfgan_tricks")
class Classifier(FeatureExtractor):
    """A small network that is trained on the labelled data set itself, once, and kept.

    The default where there is no network: it needs no download, and it knows what matters in this data set. Nine
    tenths of the images train it and the others tell its accuracy; below `minimum_accuracy` it refuses to be used.
    Its numbers can be compared with those of the same classifier only: hash of its weights and accuracy are in the
    protocol of each result. Training takes place on first use; the result is kept in a folder, under a key made of
    the images, their labels and every argument that matters.

    **Source**: the idea of judging digits by a classifier trained on them from Bińkowski et al., 2018,
    arXiv:1801.01401, section 5.

    **Differs from the paper**: a smaller network with batch normalisation, 64 features.

    Args:
        source: labelled data: a URI (see `tfgan_tricks.data.open_source`), or a `Source`.
        resolution: of the images that are measured; by default that of the data.
        channels: of the images that are measured; by default those of the data.
        split: which part of the data trains it.
        seed: of initial weights, order and held-out images. Equal seeds give equal networks on one machine.
        images_seen: how long to train, in images.
        minimum_accuracy: on held-out images, the bar below which it refuses, from 0 to 1.
        folder: where to keep it; by default ~/.cache/tfgan_tricks, or where the environment variable
            TFGAN_TRICKS_CACHE says.

    **Cost**: about a minute of training once; then a pass of four small convolutions for each image.

    **Combines badly with**: numbers of other papers; data without labels; `images_seen` too low for large images.

    Example:

    >>> extractor = tfgan_tricks.metrics.Classifier("digits")  # doctest: +SKIP
    >>> extractor(np.zeros((2, 8, 8, 1), "uint8")).shape, extractor.accuracy > 0.95  # doctest: +SKIP
    ((2, 64), True)
    """

    name = "classifier"

    def __init__(
        self,
        source: str | Source,
        resolution: int | tuple[int, int] | None = None,
        channels: int | None = None,
        split: str = "train",
        seed: int = 0,
        images_seen: int = 160_000,
        minimum_accuracy: float = 0.7,
        folder: str | os.PathLike | None = None,
    ):
        check_kind("source", source, (str, Source), "pass a URI such as 'digits', or what open_source returns.")
        check_integer("seed", seed, at_least=0)
        check_integer("images_seen", images_seen, at_least=1)
        check_range("minimum_accuracy", minimum_accuracy, low=0.0, high=1.0)
        self.source = source
        self.resolution = resolution
        self.channels = channels
        self.split = split
        self.seed = seed
        self.images_seen = images_seen
        self.minimum_accuracy = minimum_accuracy
        self.folder = folder if folder is None else os.fspath(folder)
        self._trained: TrainedClassifier | None = None

    @property
    def accuracy(self) -> float:
        """Returns its accuracy on held-out images; this trains it if that has not been done."""
        return self._ready().accuracy

    @property
    def settings(self) -> dict[str, Any]:
        """Returns data, training and accuracy, and the hash of the weights."""
        trained = self._ready()
        name = self.source if isinstance(self.source, str) else self.source.name
        about = {"source": name, "shape": list(trained.shape), "classes": trained.classes, "seed": self.seed}
        return about | {"accuracy": round(trained.accuracy, 4), "weights": trained.weights}

    def __call__(self, images) -> np.ndarray:
        """Returns its last hidden layer, float32 [n, 64].

        Args:
            images: [n, height, width, channels] of the shape that it was trained on, uint8 or floats in [-1, 1].
        """
        return self._run(images, 0)

    def probabilities(self, images, features: np.ndarray | None = None) -> np.ndarray:
        """Returns probabilities of the data set's classes.

        Args:
            images: as for the features.
            features: of these images, if they are there already.
        """
        return self._run(images, 1) if features is None else self._ready().head(features)

    def _run(self, images, output: int) -> np.ndarray:
        trained = self._ready()
        checked = check_images(images)
        fix = "make the classifier with the generator's resolution= and channels=."
        check_shape(checked, trained.shape, "This classifier", fix)
        return in_batches(lambda part: trained.run(part)[output], checked, batch_size=1_024)

    def _ready(self) -> TrainedClassifier:
        if self._trained is None:
            self._trained = trained_classifier(
                self.source, self.resolution, self.channels, self.split, self.seed, self.images_seen, self.folder
            )
        if self._trained.accuracy < self.minimum_accuracy:
            raise ValueError(
                explain(
                    "The classifier did not learn its data set, so nothing is measured with it.",
                    received=f"an accuracy of {self._trained.accuracy:.3f} on held-out images of"
                    f" {self.source if isinstance(self.source, str) else self.source.name}",
                    expected=f"at least {self.minimum_accuracy} (minimum_accuracy)",
                    fix="train it longer (images_seen=), check the labels, or lower minimum_accuracy if the classes"
                    " are that hard to tell.",
                )
            )
        return self._trained
