"""One side of a comparison: images, and what is computed from them when a metric asks for it."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from tfgan_tricks.checks import explain
from tfgan_tricks.metrics.feature_extractor import FeatureExtractor
from tfgan_tricks.metrics.feature_statistics import FeatureStatistics
from tfgan_tricks.metrics.input_checks import check_features, check_images, check_kind, check_probabilities

GIVEN = "given"  # name of features that came without an extractor


class Samples:
    """Real or generated images, with their features, probabilities and labels.

    What is not given is computed from the images when it is first needed, and kept: several metrics on the same
    samples run the extractor once.

    **Source**: none; it holds what metrics share.

    **Differs from the paper**: there is none.

    Args:
        images: [n, height, width, channels], uint8 or floats in [-1, 1].
        features: [n, width].
        probabilities: [n, classes], rows sum to 1.
        labels: [n], integers.
        statistics: of features that are not kept.
        extractor: computes features and probabilities from images; it also names those that are given.
        split: of the data set, for the protocol: "train", "test".
        weights: of the generator, for the protocol: "averaged", "raw".
        seed: that the samples were drawn with, for the protocol.

    **Cost**: one pass through the extractor per image, and its features in memory.

    **Combines badly with**: images changed in place after features were computed.

    Example:

    >>> real = tfgan_tricks.metrics.Samples(features=np.eye(3, dtype="float32"), split="train")
    >>> real.count, real.width, real.features_name
    (3, 3, 'given')
    """

    def __init__(
        self,
        images=None,
        *,
        features=None,
        probabilities=None,
        labels=None,
        statistics: FeatureStatistics | None = None,
        extractor: FeatureExtractor | None = None,
        split: str | None = None,
        weights: str | None = None,
        seed: int | None = None,
    ):
        fix = "pass such as tfgan_tricks.metrics.Identity()."
        check_kind("extractor", extractor, (FeatureExtractor, type(None)), fix)
        check_kind("statistics", statistics, (FeatureStatistics, type(None)), "pass arrays as features=.")
        self.images = None if images is None else check_images(images)
        self._features = None if features is None else check_features(features)
        self._probabilities = None if probabilities is None else check_probabilities(probabilities)
        self._labels = None if labels is None else np.atleast_1d(labels)
        self._statistics: dict[bool, FeatureStatistics] = {}
        if statistics is not None:
            self._statistics[statistics.diagonal] = statistics
        self.extractor, self.split, self.weights, self.seed = extractor, split, weights, seed
        self.count = self._agreed_count()

    @classmethod
    def from_batches(cls, batches: Iterable, extractor: FeatureExtractor, classify: bool = False, **about) -> "Samples":
        """Returns samples that keep features and labels of each batch, and not its images.

        Args:
            batches: arrays of images, or dicts with "image" and perhaps "label".
            extractor: computes the features.
            classify: whether to compute probabilities too.
            **about: `split`, `weights` and `seed`.
        """
        check_kind("extractor", extractor, (FeatureExtractor,), "pass such as tfgan_tricks.metrics.Identity().")
        features, probabilities, labels = [], [], []
        for batch in batches:
            images = np.asarray(batch["image"] if isinstance(batch, dict) else batch)
            features.append(extractor(images))
            if classify:
                probabilities.append(extractor.probabilities(images, features[-1]))
            if isinstance(batch, dict) and "label" in batch:
                labels.append(np.asarray(batch["label"]))
        return cls(
            features=np.concatenate(features) if features else np.zeros((0, 1)),
            probabilities=np.concatenate(probabilities) if probabilities else None,
            labels=np.concatenate(labels) if labels else None,
            extractor=extractor,
            **about,
        )

    @property
    def features(self) -> np.ndarray:
        """Returns features, [n, width], all of them finite."""
        if self._features is None:
            self._features = check_features(self._extracted("features", lambda extractor, images: extractor(images)))
        return self._features

    @property
    def probabilities(self) -> np.ndarray:
        """Returns probabilities of classes, [n, classes]."""
        if self._probabilities is None:
            known = self._features
            found = self._extracted("probabilities", lambda extractor, images: extractor.probabilities(images, known))
            self._probabilities = check_probabilities(found)
        return self._probabilities

    @property
    def labels(self) -> np.ndarray:
        """Returns labels, [n]."""
        if self._labels is None:
            raise self._missing("labels", "pass labels=[n integers].")
        return self._labels

    @property
    def width(self) -> int:
        """Returns how many features each sample has."""
        return next(iter(self._statistics.values())).width if self._statistics else self.features.shape[1]

    @property
    def features_name(self) -> str:
        """Returns the name of the features in a protocol."""
        return self.extractor.name if self.extractor else GIVEN

    @property
    def feature_settings(self) -> dict[str, Any]:
        """Returns what else the features depend on."""
        return self.extractor.settings if self.extractor else {}

    def statistics(self, diagonal: bool = False) -> FeatureStatistics:
        """Returns mean and covariance of the features."""
        if diagonal and False in self._statistics:
            return self._statistics[False].variances()
        if diagonal not in self._statistics:
            statistics = FeatureStatistics(self.features.shape[1], diagonal)
            statistics.update(self.features)
            self._statistics[diagonal] = statistics
        return self._statistics[diagonal]

    def take(self, indices) -> "Samples":
        """Returns the samples at these positions, with what has been computed of them."""
        parts = {"images": self.images, "features": self._features, "labels": self._labels}
        parts["probabilities"] = self._probabilities
        chosen = {name: None if array is None else array[indices] for name, array in parts.items()}
        return Samples(**chosen, extractor=self.extractor, split=self.split, weights=self.weights, seed=self.seed)

    def _extracted(self, what: str, compute) -> np.ndarray:
        if self.extractor is None or self.images is None:
            raise self._missing(what, f"pass {what}=, or images= and extractor=.")
        return compute(self.extractor, self.images)

    def _missing(self, what: str, fix: str) -> ValueError:
        held = ["images"] if self.images is not None else []
        if list(self._statistics) == [True]:
            fix = "measure FID(diagonal=True): these statistics hold variances only; or " + fix
        held += [n for n in ("features", "probabilities", "labels", "statistics", "extractor") if self._holds(n)]
        return ValueError(
            explain(
                f"These samples have no {what}.",
                received=f"samples with {', '.join(held) or 'nothing'}",
                expected=f"samples with {what}, or with what they can be computed from",
                fix=fix,
            )
        )

    def _holds(self, name: str) -> bool:
        value = getattr(self, name if name == "extractor" else f"_{name}")
        return bool(value) if name == "statistics" else value is not None

    def _agreed_count(self) -> int:
        parts = {"images": self.images, "features": self._features, "probabilities": self._probabilities}
        parts["labels"] = self._labels
        counts = {name: len(array) for name, array in parts.items() if array is not None}
        for statistics in self._statistics.values():
            counts["statistics"] = statistics.count
        if len(set(counts.values())) != 1 or 0 in counts.values():
            raise ValueError(
                explain(
                    "These samples are none, or not of one number.",
                    received=", ".join(f"{count} {name}" for name, count in counts.items()) or "nothing",
                    expected="at least one sample, and as many features, probabilities and labels as images",
                    fix="look at where they come from; an empty folder gives no samples.",
                )
            )
        return next(iter(counts.values()))
