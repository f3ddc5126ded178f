"""Features of the Inception network of 2015, which published FIDs are made of."""

import os
from typing import Any

import keras
import numpy as np

from tfgan_tricks.checks import check_integer, explain
from tfgan_tricks.metrics.feature_extractor import FeatureExtractor
from tfgan_tricks.metrics.image_batches import in_batches
from tfgan_tricks.metrics.inception_graph import SHA256, find_graph, load_graph, sha256
from tfgan_tricks.metrics.input_checks import check_images


@keras.saving.register_keras_serializable("tfgan_tricks")
class InceptionFID(FeatureExtractor):
    """The 2,048 pooled features and 1,008 classes of Google's Inception graph of December 2015.

    The network behind the FID, KID and Inception scores of most papers. Images go in as bytes and are resized inside
    the graph, as in the code of Heusel et al. Inception-v3 with other weights, or another resizer, gives numbers that
    cannot be compared with theirs.

    The file is not part of this package: name it, put it into the cache folder (~/.cache/tfgan_tricks, or where the
    environment variable TFGAN_TRICKS_CACHE says), or let it be downloaded once. A download is checked against the
    hash of the published file. A file that you name may be another graph of the same form; then its hash stands in
    the name of the features.

    **Source**: Szegedy et al., 2015, arXiv:1512.00567; Heusel et al., 2017, arXiv:1706.08500, section 4.

    **Differs from the paper**: none in features. Probabilities leave out the bias of the last layer, as the code of
    Salimans et al. (arXiv:1606.03498) does, which published Inception scores follow.

    Args:
        path: the file classify_image_graph_def.pb; by default in the cache folder.
        download: fetch the file into the cache folder if it is not there.
        batch_size: images at once.

    **Cost**: one pass of Inception-v3 at 299x299 for each image.

    **Combines badly with**: images unlike photographs, such as digits, and gray ones, whose channel is repeated.

    Example:

    >>> extractor = tfgan_tricks.metrics.InceptionFID("classify_image_graph_def.pb")  # doctest: +SKIP
    >>> extractor(images).shape  # doctest: +SKIP
    (50000, 2048)
    """

    def __init__(self, path: str | os.PathLike | None = None, download: bool = False, batch_size: int = 32):
        check_integer("batch_size", batch_size, at_least=1)
        self.path = path if path is None else os.fspath(path)
        self.download = download
        self.batch_size = batch_size
        self._file = find_graph(self.path, download)
        self._sha256 = sha256(self._file)
        self.name = "inception-2015" if self._sha256 == SHA256 else f"inception-{self._sha256[:8]}"
        self._loaded: Any = None

    @property
    def settings(self) -> dict[str, Any]:
        """Returns the hash of the graph's file and whether it is the published one."""
        return {"sha256": self._sha256, "published": self._sha256 == SHA256}

    def __call__(self, images) -> np.ndarray:
        """Returns the pooled features, float32 [n, 2048].

        Args:
            images: [n, height, width, 1 or 3], uint8 or floats in [-1, 1].
        """
        run, _ = self._graph()
        return in_batches(lambda part: run(_as_rgb(part)), check_images(images), self.batch_size)

    def probabilities(self, images, features: np.ndarray | None = None) -> np.ndarray:
        """Returns probabilities of 1,008 classes.

        Args:
            images: as for the features.
            features: of these images, if they are there already.
        """
        _, weights = self._graph()
        logits = (self(images) if features is None else features).astype(np.float64) @ weights
        exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
        return (exponentials / exponentials.sum(axis=1, keepdims=True)).astype(np.float32)

    def _graph(self):
        if self._loaded is None:
            self._loaded = load_graph(self._file)
        return self._loaded


def _as_rgb(images: np.ndarray) -> np.ndarray:
    """Returns uint8 images as the graph takes them, float32 [n, h, w, 3] from 0 to 255."""
    if images.shape[-1] not in (1, 3):
        raise ValueError(
            explain(
                "Inception takes colour images.",
                received=f"images of {images.shape[-1]} channels",
                expected="3 channels, or 1, which is repeated",
                fix="choose three of the channels.",
            )
        )
    return np.repeat(images, 3 // images.shape[-1], axis=-1).astype(np.float32)
