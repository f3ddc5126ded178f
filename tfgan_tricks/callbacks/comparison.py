"""Several metrics on the same real images, each beside what it says of real images against real ones."""

import dataclasses
import json
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from tfgan_tricks.checks import check_integer, check_type, explain
from tfgan_tricks.metrics import Metric, MetricResult, NearestNeighbourMemorisation, Samples, real_floor


class Comparison:
    """What generated samples are compared with: random real ones, as many of them as there are generated ones.

    Args:
        metrics: objects of `tfgan_tricks.metrics`.
        real: real samples. So many as `count` says are compared with, twice as many (or as there are) tell the floor;
            memorisation looks at all of them.
        count: of the real samples that are compared with; all of them unless given.
    """

    def __init__(self, metrics: Sequence[Metric], real: Samples, count: int | None = None):
        self.metrics = list(metrics)
        if not self.metrics:
            raise ValueError(
                explain(
                    "There is nothing to measure.",
                    received="metrics=[]",
                    expected="at least one metric",
                    fix="pass such as [tfgan_tricks.metrics.FID()], or leave the evaluation out.",
                )
            )
        for metric in self.metrics:
            check_type("metrics", metric, Metric, "pass objects such as tfgan_tricks.metrics.FID().")
        check_type("real", real, Samples, "wrap the images: tfgan_tricks.metrics.Samples(images, extractor=...).")
        if count is not None:
            check_integer("count", count, at_least=1)
        self.count = real.count if count is None else min(count, real.count)
        order = np.random.default_rng(0).permutation(real.count)  # a folder's images come sorted by class
        remembers = any(isinstance(metric, NearestNeighbourMemorisation) for metric in self.metrics)
        self.everything = real.take(order if remembers else order[: 2 * self.count])

    @cached_property
    def real(self) -> Samples:
        """Returns the real samples that are compared with."""
        return self._first(self.count)

    def measure(self, fake: Samples) -> list[MetricResult]:
        """Returns one result for each metric.

        Raises:
            ValueError: if a metric refuses the samples.
        """
        for metric in self.metrics:  # some take minutes: what others lack is told before
            self._check_labels(metric, fake)
            for side, count in (("real", self.count if metric.compares else None), ("generated", fake.count)):
                if count is not None:
                    metric.check_count(side, count)
        pairs = [_told(metric, self._compared(metric), fake) for metric in self.metrics]
        for metric, pair in zip(self.metrics, pairs, strict=True):
            metric.check(*pair)
        return [_stamped(m, m(*pair), fake) for m, pair in zip(self.metrics, pairs, strict=True)]

    @cached_property
    def floors(self) -> list[MetricResult | None]:
        """Returns for each metric what it says of real samples against real ones; `None` if there are too few."""
        samples = self._first(2 * self.count)
        return [self._floor(metric, samples) for metric in self.metrics]

    def _compared(self, metric: Metric) -> Samples:
        return self.everything if isinstance(metric, NearestNeighbourMemorisation) else self.real

    def _floor(self, metric: Metric, samples: Samples) -> MetricResult | None:
        width = samples.width if metric.needs == "features" else 0
        if samples.count // 2 < max(metric.minimum(width)[0], metric.minimum_generated(width)[0]):
            return None
        self._check_labels(metric, samples)
        return _stamped(metric, real_floor(metric, _told(metric, samples)[0]), samples)

    def _first(self, count: int) -> Samples:
        for kind in {metric.needs for metric in self.metrics} & {"features", "probabilities"}:
            getattr(self.everything, kind)  # computed once, for all that is taken from them
        if any(metric.needs == "labels" for metric in self.metrics):
            _ = self.everything.probabilities
        return self.everything.take(slice(0, count))

    def _check_labels(self, metric: Metric, fake: Samples) -> None:
        reads = metric.name == "classification_accuracy" or getattr(metric, "within_classes", False)
        for side, samples in (("real", self.everything), ("generated", fake)):
            if reads and not samples._holds("labels"):
                raise ValueError(
                    explain(
                        f"{metric.label} needs labels of the {side} images.",
                        received=f"{samples.count:,} {side} images without labels",
                        expected="labelled data, and images that a generator made for given labels (a prior such as"
                        " PerClass), or folders with one subfolder per class",
                        fix="leave this metric out.",
                    )
                )


def as_row(images_seen: int, checkpoint: str, results: Sequence[MetricResult], floors: Sequence) -> dict[str, Any]:
    """Returns one line of an evaluations file."""
    return {
        "images_seen": images_seen,
        "checkpoint": checkpoint,
        "results": [as_json(result) for result in results],
        "floors": [None if floor is None else as_json(floor) for floor in floors],
    }


def as_json(result: MetricResult) -> dict[str, Any]:
    """Returns a result as it is after writing and reading: lists in place of tuples."""
    return json.loads(result.to_json())


def _told(metric: Metric, *sides: Samples) -> list[Samples]:
    """Returns the samples, with labels that the extractor tells, if that is what the metric counts."""
    if metric.needs != "labels":
        return list(sides)
    about = [{name: getattr(side, name) for name in ("split", "weights", "seed")} for side in sides]
    return [Samples(labels=s.probabilities.argmax(axis=1), **how) for s, how in zip(sides, about, strict=True)]


def _stamped(metric: Metric, result: MetricResult, samples: Samples) -> MetricResult:
    """Returns a result that names the extractor, also where the metric got its labels only."""
    if metric.needs != "labels":
        return result
    told = {"features": samples.features_name, "feature_settings": samples.feature_settings}
    return dataclasses.replace(result, protocol={**result.protocol, **told})
