"""A classifier that has been trained, or that was found where an earlier one was kept."""

import dataclasses
import hashlib
import json
import os
import zipfile
from pathlib import Path

import keras
import numpy as np
from absl import logging

from tfgan_tricks.checks import explain
from tfgan_tricks.data.evaluation import arrays
from tfgan_tricks.data.source import Source
from tfgan_tricks.files import WriteError, write_atomically
from tfgan_tricks.metrics.cache import cache_folder
from tfgan_tricks.metrics.class_network import class_network, classify, train
from tfgan_tricks.metrics.keras_features import weights_hash

VERSION = 1  # of the network and its training; raise it whenever either changes
LIMIT = 60_000  # images of the data set that take part


@dataclasses.dataclass(frozen=True, eq=False)
class TrainedClassifier:
    """A trained network with what is known about it."""

    network: keras.Model
    accuracy: float
    shape: tuple[int, int, int]
    classes: int

    @property
    def weights(self) -> str:
        """Returns a hash of its weights."""
        return weights_hash(self.network.get_weights())

    def run(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns features and probabilities of uint8 images."""
        return classify(self.network, images)

    def head(self, features: np.ndarray) -> np.ndarray:
        """Returns probabilities from features."""
        layer = self.network.get_layer("classes")
        return keras.ops.convert_to_numpy(layer(keras.ops.convert_to_tensor(features, dtype="float32")))


def trained_classifier(
    source: str | Source,
    resolution: int | tuple[int, int] | None,
    channels: int | None,
    split: str,
    seed: int,
    images_seen: int,
    folder: str | os.PathLike | None,
) -> TrainedClassifier:
    """Returns the classifier of these settings: the one that is kept, or a new one, which is kept then."""
    images, labels = arrays(source, resolution, channels, LIMIT, split=split)
    labels = _checked_labels(source, labels)
    shape, classes = images.shape[1:], int(labels.max()) + 1
    network = class_network(shape, classes, seed)
    settings = {"seed": seed, "images_seen": images_seen, "version": VERSION, "shape": shape, "classes": classes}
    key = _key(settings, images, labels)
    path = cache_folder(folder) / "classifiers" / f"{key}.npz"
    accuracy = _load(network, path)
    if accuracy is None:
        logging.info("Training a classifier on %d images of %s, once; kept as '%s'.", len(images), source, path)
        accuracy = train(network, images, labels, seed, images_seen)
        _keep(network, accuracy, path)
    return TrainedClassifier(network, accuracy, shape, classes)


def _checked_labels(source: str | Source, labels: np.ndarray | None) -> np.ndarray:
    if labels is None or len(labels) < 2 or len(np.unique(labels)) < 2 or labels.min() < 0:
        found = "none" if labels is None else f"{len(np.unique(labels))} classes on {len(labels)} images"
        raise ValueError(
            explain(
                "A classifier needs labelled images.",
                received=f"labels of {source if isinstance(source, str) else source.name}: {found}",
                expected="labels of at least two classes, counted from 0",
                fix="use a labelled source (subfolders of a folder give labels), or InceptionFID or KerasFeatures.",
            )
        )
    return labels


def _key(settings: dict, images: np.ndarray, labels: np.ndarray) -> str:
    """Returns the name of the file: two data sets of one name are told apart by what is in them."""
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for array in (images, labels):
        digest.update(array.tobytes())
    return digest.hexdigest()[:32]


def _load(network: keras.Model, path: Path) -> float | None:
    """Fills a network from a file and returns its accuracy, or returns `None` if there is no file that can be read."""
    try:
        with np.load(path) as archive:
            network.set_weights([archive[f"weight_{i}"] for i in range(len(network.weights))])
            return float(archive["accuracy"])
    except FileNotFoundError:
        return None
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
        logging.warning("The classifier in '%s' cannot be read (%s); another one is trained.", path, error)
        return None


def _keep(network: keras.Model, accuracy: float, path: Path) -> None:
    weights = {f"weight_{i}": weight for i, weight in enumerate(network.get_weights())}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, lambda file: np.savez(file, accuracy=np.float64(accuracy), **weights))  # type: ignore[arg-type]
    except (OSError, WriteError) as error:
        logging.warning("The classifier could not be kept, and will be trained again next time: %s", error)
