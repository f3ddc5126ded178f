"""Real images to evaluate a run with, as the run sees them, and the callback that does it while the run trains."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ml_collections

from tfgan_tricks import data
from tfgan_tricks.callbacks import MetricEvaluation
from tfgan_tricks.configuration.fields import default_config
from tfgan_tricks.construction import build_curriculum
from tfgan_tricks.data.in_memory import from_arrays
from tfgan_tricks.data.source import Source
from tfgan_tricks.evaluation_choices import extractor_of, metrics_of
from tfgan_tricks.metrics import Metric, NearestNeighbourMemorisation, Samples
from tfgan_tricks.metrics.trained_classifier import LIMIT


def evaluation_callbacks(config: ml_collections.ConfigDict, workdir: Path) -> list[MetricEvaluation]:
    """Returns what measures a run while it trains: one callback, or none if the config asks for none.

    Raises:
        ValueError: if metrics, features and data do not go together.
    """
    wanted = config.evaluation
    if not wanted.metrics:
        return []
    metrics, real = chosen(
        config.to_dict(), list(wanted.metrics), wanted.features, wanted.images, fields="config.evaluation."
    )
    every = wanted.every_images or None
    growing = bool(config.curriculum)
    how: dict = {"growing": growing, "across_workers": False}  # nothing here decides by the values
    return [MetricEvaluation(workdir, metrics, real, wanted.images, every, config.seed, **how)]


def chosen(
    config: Mapping[str, Any],
    metrics: Sequence[str],
    features: str,
    count: int | None = None,
    split: str = "train",
    fields: str = "--",
) -> tuple[list[Metric], Samples]:
    """Returns the metrics that texts describe, and real images of a run's data for them.

    Args:
        config: of the run.
        metrics: texts, see `metrics_of`.
        features: text, see `extractor_of`.
        count: how many images are to be compared with; there are twice as many, for the floor, where the data have
            them. All images unless given, or where a metric looks at all of them.
        split: of the data.
        fields: what comes before "metrics" and "features" in error messages.
    """
    how = {name: config["data"][name] for name in ("resolution", "channels", "crop")} | {"upscale": _upscale(config)}
    on_error = config["data"]["on_error"]
    source = data.open_source(config["data"]["source"], split=split, on_error=on_error)
    found = metrics_of(metrics, f"{fields}metrics", source.classes)
    everything = count is None or any(isinstance(metric, NearestNeighbourMemorisation) for metric in found)
    limit = None if everything or count is None else 2 * count

    def labelled() -> Source:
        """Returns images that the classifier is trained on, whatever part of the data is measured."""
        whole = data.open_source(config["data"]["source"], on_error=on_error)
        if whole.labels is None and whole.stream is None:
            return whole
        images, labels = data.arrays(whole, limit=LIMIT, on_error=on_error, **how)
        return from_arrays(whole.name, images, labels, whole.class_names)

    extractor = extractor_of(features, f"{fields}features", labelled)
    images, labels = data.arrays(source, limit=limit, on_error=on_error, **how)
    return found, Samples(images, labels=labels, extractor=extractor, split=split)


def _upscale(config: Mapping[str, Any]) -> bool | None:
    if not config.get("curriculum"):
        return None
    whole = ml_collections.ConfigDict(default_config().to_dict() | dict(config))
    curriculum = build_curriculum(whole)
    return True if curriculum is not None and curriculum.upscale else None
