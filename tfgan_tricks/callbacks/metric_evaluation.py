"""How good the images are, while training goes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from absl import logging

from tfgan_tricks.callbacks.best_checkpoint import BestCheckpoint
from tfgan_tricks.callbacks.checkpointing import non_finite_variables
from tfgan_tricks.callbacks.comparison import Comparison, as_json, as_row
from tfgan_tricks.callbacks.generated_samples import WEIGHTS, GeneratedSamples
from tfgan_tricks.callbacks.json_lines import append, rewind
from tfgan_tricks.callbacks.logged_values import LoggedValues
from tfgan_tricks.callbacks.stop_on_non_finite import non_finite
from tfgan_tricks.checks import check_choice, check_integer, check_type, explain
from tfgan_tricks.metrics import Metric, MetricResult, Samples
from tfgan_tricks.run_folder import RunFolder
from tfgan_tricks.types import Batch


class MetricEvaluation(LoggedValues):
    """Measures generated images against real ones as training goes, and keeps the best checkpoint.

    Every time the same latents are drawn, so that what changes is the generator; nothing in the model moves, and a run
    with this callback ends like one without it. The values join the logs under their stamped names, such as
    "fid[classifier,1000/1000,train,averaged]": put it before the callbacks that write (`MetricsLog`,
    `ScalarSummaries`). The whole results, each beside its floor (real images against real ones, `real_floor`), are
    appended to `evaluations.jsonl`.

    The model with the best value of the first metric stays in the folder `best`, whatever comes after it. A resumed
    run reads the best value so far from `evaluations.jsonl`, from which lines ahead of the model go.

    Everything is measured once before training, for what a metric refuses (too few images, a classifier that did not
    learn) to be told then. A generator whose images are not finite later on is warned of, and not measured.

    Args:
        directory: folder of the run, for `evaluations.jsonl` and `best`; created where it does not exist.
        metrics: one or several of `tfgan_tricks.metrics`; the first decides which checkpoint is the best.
        real: real samples with an extractor, at least as many as `count`; twice as many tell floors that can be
            compared.
        count: how many images to generate, and to compare with.
        every_images: images between two evaluations; one after each epoch unless given.
        seed: integer that the latents are drawn from.
        weights: "averaged", where the GAN averages its generator, or "raw".
        growing: whether the generator may draw smaller images than the real ones, as in progressive growing; these
            are not measured.
        batch: of the data, a dict with at least `count` images, for a task that does not generate from noise alone.
        across_workers: whether, of several workers, those that do not measure learn the values, for callbacks such as
            `EarlyStopping` to decide alike on all. If so, each of them must have this callback too.

    **Cost**: one generator forward pass on `count` latents and the metrics, each time; the floors once; writing and
    reading back a checkpoint each time the value is better than before.

    **Combines badly with**: few images: the best of many noisy values is partly luck, so measure the best checkpoint
    again, with other latents. `ClassificationAccuracyScore`, which trains a classifier each time.

    Example:

    >>> images, labels = tfgan_tricks.data.arrays("digits")
    >>> real = tfgan_tricks.metrics.Samples(images, extractor=tfgan_tricks.metrics.Identity(), split="train")
    >>> metrics = [tfgan_tricks.metrics.FID(), tfgan_tricks.metrics.PrecisionRecall()]
    >>> callback = tt.callbacks.MetricEvaluation("runs/digits", metrics, real, count=500, every_images=10_000)
    >>> # gan.fit(dataset, epochs=10, callbacks=[callback, tt.callbacks.MetricsLog("runs/digits/metrics.jsonl")])
    """

    def __init__(
        self,
        directory: str | Path,
        metrics: Metric | Sequence[Metric],
        real: Samples,
        count: int = 1_000,
        every_images: int | None = None,
        seed: int = 0,
        weights: str = "averaged",
        growing: bool = False,
        batch: Batch | None = None,
        across_workers: bool = True,
    ):
        super().__init__(every_images, across_workers)
        check_integer("count", count, at_least=1)
        check_integer("seed", seed, at_least=0)
        check_choice("weights", weights, WEIGHTS)
        check_type("growing", growing, bool, "pass True or False.")
        metrics = [metrics] if isinstance(metrics, Metric) else list(metrics)
        self.folder = RunFolder(Path(directory))
        self.comparison = Comparison(metrics, real, count)
        self.count = count
        self.seed = seed
        self.weights = weights
        self.growing = growing
        self.batch = batch
        self._trial: list[MetricResult] = []  # what the first measurement gave

    def check(self, gan: keras.Model) -> None:
        """Measures once, so that what cannot be measured is refused; `fit` does it, unless it has been done.

        Args:
            gan: the model that is to be trained; it stays as it is.

        Raises:
            ValueError: if a metric refuses, or the generator's images are not those that the real ones are.
        """
        generated = GeneratedSamples(gan, self.count, self.seed, self.weights, self.batch)
        if self._measurable(gan):
            fake = generated.samples(self.comparison.everything.extractor)
        else:  # the generator grows: real images stand for its later ones
            images = np.asarray(self.comparison.everything.images)
            fake = Samples(
                np.resize(images, (self.count, *images.shape[1:])),
                labels=generated.labels,
                extractor=self.comparison.everything.extractor,
                weights=generated.weights,
                seed=self.seed,
            )
        self._trial = self.comparison.measure(fake)
        _ = self.comparison.floors  # they may refuse too

    def start(self, images):
        if not self._trial:
            self.check(self.model)
        self.generated = GeneratedSamples(self.model, self.count, self.seed, self.weights, self.batch)
        rows = [row for row in rewind(self.folder.evaluations, images) if row["checkpoint"] == "training"]
        names = {result.name for result in self._trial}
        for row in rows[-1:]:  # as in the run that was not interrupted
            self.values = {r["name"]: r["value"] for r in row["results"] if r["name"] in names}
        self.best = BestCheckpoint(self.folder, self.comparison.metrics[0].higher_is_better)
        self.best.start(self.model, rows, images, as_json(self._trial[0])["protocol"])

    def act(self, images, logs):
        self.values = {}
        if not self._measurable(self.model):
            return
        try:
            results = self.comparison.measure(self.generated.samples(self.comparison.everything.extractor))
        except (ValueError, ArithmeticError) as error:
            logging.warning("No evaluation at %d images: %s", images, error)
            return
        self.values = {result.name: result.value for result in results}
        row = as_row(images, "training", results, self.comparison.floors)
        self._write(row | {"best": self._is_best(results[0], images, logs)})

    def on_train_end(self, logs=None):
        super().on_train_end(logs)
        if self.model.is_chief:
            self.best.prune()

    def _is_best(self, result: MetricResult, images: int, logs: dict) -> bool:
        if not self.best.improves(result.value):
            return False
        bad = non_finite(self.model, logs) or non_finite_variables(self.model)
        if bad:
            logging.error("No best checkpoint at %d images: '%s' is not finite.", images, bad[0])
        return not bad

    def _write(self, row: dict[str, Any]) -> None:
        if row["best"]:  # first the model, then the line that says so, then what it replaces
            self.best.keep(self.model, row["images_seen"])
        append(self.folder.evaluations, row)
        self.best.added(row)

    def _measurable(self, gan: keras.Model) -> bool:
        """Returns whether generated images have the shape of the real ones; raises `ValueError` if they never will."""
        images = self.comparison.everything.images
        real, made = None if images is None else tuple(images.shape[1:]), tuple(gan.task.image_shape)
        if real is None or None in made or real == made:
            return True
        if self.growing and made[0] < real[0] and made[-1] == real[-1]:
            return False
        raise ValueError(
            explain(
                "Real and generated images differ in shape.",
                received=f"real images {real}, generated ones {made}, both without the batch dimension",
                expected="the same height, width and channels",
                fix="load the real images with the generator's resolution and channels; for a generator that grows up"
                " to them pass growing=True.",
            )
        )
