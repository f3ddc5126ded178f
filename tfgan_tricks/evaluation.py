"""Evaluation of runs, from their checkpoints."""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tfgan_tricks.callbacks.checkpoints import check, latest
from tfgan_tricks.callbacks.comparison import Comparison, as_row
from tfgan_tricks.callbacks.generated_samples import GeneratedSamples
from tfgan_tricks.callbacks.json_lines import append
from tfgan_tricks.checks import check_choice, explain
from tfgan_tricks.configuration.fields import default_config
from tfgan_tricks.evaluation_data import chosen
from tfgan_tricks.loading import load_model
from tfgan_tricks.metrics import MetricResult
from tfgan_tricks.run_folder import RunFolder

MOST = 10_000  # images, unless more are asked for
CHECKPOINTS = ("final", "best", "both")
SHOWN = ("precision", "recall", "density", "exact_copies")  # of the details of a result
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
        return [self.about, *(f"  {_line(result)} | floor: {_line(floor)}" for result, floor in pairs)]

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
    _check_data(folder, config)
    paths = _checkpoints(folder, checkpoint)
    features = features or config.get("evaluation", {}).get("features", "classifier")
    found, real = chosen(config, metrics, features, count, split)
    comparison = Comparison(found, real, count or max(1, min(MOST, real.count // 2)))
    evaluations = []
    for name, path in paths.items():
        gan = load_model(path)
        fake = GeneratedSamples(gan, count or comparison.count, seed, weights).samples(real.extractor)
        seen = int(gan.images_seen.numpy())
        results = comparison.measure(fake)
        evaluations.append(Evaluation(f"{name}, {seen:,} images seen", results, comparison.floors, seen, name))
    for evaluation in evaluations:
        append(folder.evaluations, evaluation.as_dict())
    return evaluations


def as_json(evaluations: Sequence[Evaluation]) -> str:
    """Returns evaluations as one line of JSON for other programs."""
    return json.dumps({"evaluations": [evaluation.as_dict() for evaluation in evaluations]}, allow_nan=False)


def _line(result: MetricResult | None) -> str:
    if result is None:
        return NO_FLOOR
    parts = [f"{name} {result.details[name]:.4g}" for name in SHOWN if name in result.details]
    return f"{result} ({', '.join(parts)})" if parts else str(result)


def _check_data(folder: RunFolder, config: dict[str, Any]) -> None:
    data = config.get("data") if isinstance(config, dict) else None
    missing = [name for name in default_config().data if not isinstance(data, dict) or name not in data]
    if missing:
        raise ValueError(
            explain(
                f"The config of the run in {folder.path} does not say what it was trained on.",
                received=f"{folder.config} without data.{', data.'.join(missing)}",
                expected="the file that training wrote",
                fix="put a backup in its place.",
            )
        )


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
