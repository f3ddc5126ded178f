"""Evaluation of finished runs, and of anyone's folders of images."""

import dataclasses
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfgan_tricks import data
from tfgan_tricks.callbacks.checkpoints import check, latest
from tfgan_tricks.callbacks.comparison import Comparison, as_row
from tfgan_tricks.callbacks.generated_samples import GeneratedSamples
from tfgan_tricks.callbacks.json_lines import append
from tfgan_tricks.checks import check_choice, explain
from tfgan_tricks.data.in_memory import from_arrays
from tfgan_tricks.data.source import Source
from tfgan_tricks.data.sources import FORMS
from tfgan_tricks.evaluation_choices import extractor_of, metrics_of
from tfgan_tricks.evaluation_data import chosen
from tfgan_tricks.metrics import MetricResult, Samples
from tfgan_tricks.run_folder import RunFolder

MOST = 10_000  # images, unless more are asked for
CHECKPOINTS = ("final", "best", "both")
NO_FLOOR = "none, it needs twice as many real images"


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """What was measured of one set of generated images.

    Attributes:
        about: what was measured, in words.
        results: one for each metric.
        floors: of each metric, real images against real ones; `None` where there are too few.
        images_seen: by the generator; `None` for images of unknown origin.
        checkpoint: "final" or "best"; "" for images of unknown origin.
    """

    about: str
    results: Sequence[MetricResult]
    floors: Sequence[MetricResult | None]
    images_seen: int | None = None
    checkpoint: str = ""

    def lines(self) -> list[str]:
        """Returns what was measured in words, then a line for each result with its floor."""
        pairs = zip(self.results, self.floors, strict=True)
        return [self.about, *(f"  {result} | floor: {NO_FLOOR if floor is None else floor}" for result, floor in pairs)]

    def as_dict(self) -> dict[str, Any]:
        """Returns all of it in types that JSON has; of a run, a line of its evaluations file."""
        row = as_row(self.images_seen or 0, self.checkpoint, self.results, self.floors)
        unknown = () if self.checkpoint else ("images_seen", "checkpoint")
        return {name: value for name, value in row.items() if name not in unknown}


def evaluate_run(
    workdir: str | Path,
    metrics: Sequence[str],
    features: str = "",
    count: int | None = None,
    split: str = "train",
    weights: str = "averaged",
    checkpoint: str = "",
    seed: int = 0,
) -> list[Evaluation]:
    """Measures the final and the best checkpoint of a run, and appends the results to its evaluations file.

    Args:
        workdir: folder of the run.
        metrics: texts, see `metrics_of`.
        features: text, see `extractor_of`; those that the run was evaluated with while it trained unless given.
        count: how many images to generate, and to compare with; unless given, half as many as there are real ones, but
            at most 10,000, so that the floor can be measured with as many.
        split: which part of the data to compare with.
        weights: "averaged", if the run averages its generator, or "raw".
        checkpoint: "final", "best" or "both"; by default both if there is a best one.
        seed: of the latents.

    Raises:
        ValueError: if there is no such run or checkpoint, or it cannot be measured.
    """
    folder = RunFolder(Path(workdir))
    config = folder.read_config()
    paths = _checkpoints(folder, checkpoint)
    features = features or config.get("evaluation", {}).get("features", "classifier")
    found, real = chosen(config, metrics, features, count, split)
    comparison = Comparison(found, real, count or max(1, min(MOST, real.count // 2)))
    evaluations = []
    for name, path in paths.items():
        gan = keras.models.load_model(path, safe_mode=True)
        fake = GeneratedSamples(gan, count or comparison.count, seed, weights).samples(real.extractor)
        seen = int(gan.images_seen.numpy())
        results = comparison.measure(fake)
        evaluations.append(Evaluation(f"{name}, {seen:,} images seen", results, comparison.floors, seen, name))
    for evaluation in evaluations:
        append(folder.evaluations, evaluation.as_dict())
    return evaluations


def evaluate_folders(
    real: str,
    fake: str,
    metrics: Sequence[str],
    features: str = "",
    count: int | None = None,
    resolution: int | None = None,
    on_error: str = "raise",
) -> Evaluation:
    """Measures the images of one folder against those of another.

    Args:
        real: folder of real images, or a source's URI.
        fake: folder of generated images, or a source's URI.
        metrics: texts, see `metrics_of`.
        features: text, see `extractor_of`; by default a classifier trained on the real images if these are labelled,
            or else the pixels.
        count: images of each side; all unless given.
        resolution: side that all images are brought to; by default they must have one size.
        on_error: "raise" for the first image that cannot be used, or "skip" to leave such images out.

    Raises:
        ValueError: if the images cannot be read, or cannot be compared.
    """
    sources = {side: data.open_source(_uri(path), on_error=on_error) for side, path in (("real", real), ("fake", fake))}
    found = metrics_of(metrics, "--metrics", sources["real"].classes)
    channels = max(source.shape[-1] for source in sources.values())
    if resolution is None:
        _check_sizes(sources)
    limits = {"real": None if count is None else 2 * count, "fake": count}
    how: dict = {"channels": channels, "resolution": resolution, "upscale": True if resolution else None}
    loaded = {s: data.arrays(x, limit=limits[s], on_error=on_error, **how) for s, x in sources.items()}

    def labelled() -> Source:
        return from_arrays(sources["real"].name, *loaded["real"], sources["real"].class_names)

    chosen_features = features or ("identity" if sources["real"].labels is None else "classifier")
    extractor = extractor_of(chosen_features, "--features", labelled)
    labels = {"real": loaded["real"][1], "fake": _matched(sources, loaded["fake"][1])}
    samples = {side: Samples(loaded[side][0], labels=labels[side], extractor=extractor) for side in sources}
    comparison = Comparison(found, samples["real"], count)
    results = comparison.measure(samples["fake"])
    about = f"{data.describe(sources['fake'])}, against {data.describe(sources['real'])}; features: {extractor.name}"
    if not features:
        why = "the real images have no labels" if chosen_features == "identity" else "trained on the real images"
        about += f" ({why}; --features chooses others)"
    return Evaluation(about, results, comparison.floors)


def as_json(evaluations: Sequence[Evaluation]) -> str:
    """Returns evaluations as one line of JSON for other programs."""
    return json.dumps({"evaluations": [evaluation.as_dict() for evaluation in evaluations]}, allow_nan=False)


def _checkpoints(folder: RunFolder, checkpoint: str) -> dict[str, Path]:
    check_choice("checkpoint", checkpoint, ("", *CHECKPOINTS))
    places = {"final": folder.checkpoints, "best": folder.best}
    wanted = ("final", "best") if checkpoint in ("", "both") else (checkpoint,)
    found = {name: latest(places[name]) for name in wanted}
    for name, path in found.items():
        if path is None and (checkpoint or name == "final"):
            raise ValueError(
                explain(
                    f"The run in {folder.path} has no {name} checkpoint.",
                    received=f"no readable file in {places[name]}",
                    expected="at least one finished epoch of training"
                    + (" with --config.evaluation.metrics" if name == "best" else ""),
                    fix="train for longer" + (", or pass --checkpoint=final." if name == "best" else "."),
                )
            )
    paths = {name: path for name, path in found.items() if path is not None}
    for path in paths.values():
        check(path)
    return paths


def _uri(path: str) -> str:
    """Returns the URI of a folder; a URI comes back as it is."""
    is_folder = os.path.isdir(os.path.expanduser(path)) or path.partition(":")[0] not in FORMS
    return f"folder:{path}" if is_folder else path


def _check_sizes(sources: dict[str, Source]) -> None:
    sizes = {side: source.shape[:2] for side, source in sources.items()}
    known = {size for size in sizes.values() if None not in size}
    if len(set(sizes.values())) == 1 and known:
        return
    texts = [f"{side}: {'various' if None in size else f'{size[0]}x{size[1]}'}" for side, size in sizes.items()]
    side = min(min(size) for size in known) if known else 64
    raise ValueError(
        explain(
            "The images have different sizes.",
            received=f"height x width of {'; '.join(texts)}",
            expected="one size",
            fix=f"pass --resolution={side} (or another side): all images are cropped to squares and resized to it.",
        )
    )


def _matched(sources: dict[str, Source], labels: np.ndarray | None) -> np.ndarray | None:
    """Returns labels of the fake images that mean what those of the real ones mean: classes are known by name."""
    names = {side: source.class_names for side, source in sources.items()}
    if labels is None or names["fake"] is None or names["real"] is None:
        return labels
    unknown = sorted(set(names["fake"]) - set(names["real"]))
    if unknown:
        raise ValueError(
            explain(
                "The generated images have classes that the real ones have not.",
                received=f"subfolders {', '.join(unknown)} of {sources['fake'].name}",
                expected=f"some of {', '.join(names['real'])}",
                fix="name the subfolders of both folders alike.",
            )
        )
    return np.array([names["real"].index(name) for name in names["fake"]], "int32")[labels]
