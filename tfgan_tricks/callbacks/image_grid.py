"""Pictures of how training goes."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from absl import logging
from keras import ops

from tfgan_tricks.callbacks.film import grid_path, write_film
from tfgan_tricks.callbacks.grid import make_grid, save_grid
from tfgan_tricks.callbacks.periodic import Periodic
from tfgan_tricks.callbacks.summaries import summaries, summary_writer
from tfgan_tricks.checks import check_integer, explain
from tfgan_tricks.files import prepare_directory
from tfgan_tricks.randomness import SeedStream
from tfgan_tricks.tasks.task import Task, images_of
from tfgan_tricks.types import Batch

BATCH = 64  # images generated at a time


class ImageGrid(Periodic):
    """Draws the same latents again and again while the generator learns, and makes a film of it in the end.

    The losses of a GAN do not say how good its images are; looking at them does. The latents stay the same, so that
    what changes between two grids is the generator. The averaged generator draws, if there is one. The files are
    `images-<images seen>.png` and `film.gif`, which shows all grids of the folder: those of an earlier part of a
    resumed run, too.

    Args:
        directory: folder for the grids; created where it does not exist.
        every_images: images between two grids; one after each epoch unless given. A run that starts anew draws one
            before its first step.
        count: images in a grid, at least 1.
        seed: integer that the latents are drawn from.
        log_dir: folder of TensorBoard's events; the grids are shown there as well, if it is given.
        film: whether to write the film when training ends.
        batch: of the data, a dict with at least `count` images, for a task that does not generate from noise alone;
            its first `count` entries are drawn.

    **Cost**: one generator forward pass on `count` latents per grid.

    **Combines badly with**: nothing known.

    Example:

    >>> callback = tt.callbacks.ImageGrid("samples", every_images=10_000, count=16)
    >>> # gan.fit(dataset, epochs=10, callbacks=[callback])
    """

    def __init__(
        self,
        directory: str | Path,
        every_images: int | None = None,
        count: int = 64,
        seed: int = 0,
        log_dir: str | Path | None = None,
        film: bool = True,
        batch: Batch | None = None,
    ):
        super().__init__(every_images)
        check_integer("count", count, at_least=1)
        self.directory = Path(directory)
        self.count = count
        self.seed = seed
        self.log_dir = log_dir
        self.film = film
        self.batch = batch

    def start(self, images):
        prepare_directory(self.directory)
        self.writer = summary_writer(self.log_dir) if self.log_dir is not None else None
        self.inputs = sample_inputs(self.model.task, self.count, self.seed, self.batch)
        self.generate = generate_with(self.model)
        if images == 0:
            self.act(images, {})

    def act(self, images, logs):
        parts = range(0, self.count, BATCH)
        batches = (keras.tree.map_structure(lambda x, i=i: x[i : i + BATCH], self.inputs) for i in parts)
        made = np.concatenate([ops.convert_to_numpy(ops.cast(self.generate(batch), "float32")) for batch in batches])
        if not np.isfinite(made).all():
            logging.warning("No sample grid at %d images: the generator returns values that are not finite.", images)
            return
        save_grid(made, grid_path(self.directory, images))
        if self.writer is not None:
            with summaries(self.writer):
                tf.summary.image("samples", make_grid(made)[np.newaxis], step=images)

    def on_train_end(self, logs=None):
        super().on_train_end(logs)
        if self.film:
            write_film(self.directory, self.directory / "film.gif", until=self.last)


def generate_with(model: keras.Model) -> Callable:
    """Returns the function from the generator's inputs to images; a graph of it where TensorFlow runs it."""

    def generate(x):
        return images_of(model(x, training=False))

    return tf.function(generate) if keras.backend.backend() == "tensorflow" else generate


def sample_inputs(task: Task, count: int, seed: int, batch: Batch | None = None):
    """Returns fixed inputs of the generator, as the task draws them for a batch of `count` images.

    A prior that takes labels draws these too, unless there is a batch.

    Raises:
        ValueError: if the task needs more of a batch than that there are images in it, and there is none.
    """
    if batch is not None:
        if len(batch["image"]) < count:
            raise ValueError(
                explain(
                    "The batch is smaller than the grid.",
                    received=f"a batch of {len(batch['image'])} images for a grid of {count}",
                    expected=f"at least {count}",
                    fix="pass a larger batch, or a smaller count.",
                )
            )
        batch = {key: ops.convert_to_tensor(value[:count]) for key, value in batch.items()}
        task.check_batch(batch)
        return task.inputs(batch, SeedStream.from_integer(seed))
    prior: Any = getattr(task, "prior", None)
    if set(task.needs) == {"image", "label"} and getattr(prior, "needs_label", False):
        return prior.sample(count, SeedStream.from_integer(seed))
    if set(task.needs) != {"image"} or isinstance(task.specification, Mapping):
        raise ValueError(
            explain(
                f"The task {type(task).__name__} cannot generate from noise alone.",
                received=f"a task that needs {', '.join(map(repr, task.needs))} of each batch, and no batch",
                expected="a batch of the data to generate from",
                fix="pass one, e.g. ImageGrid('samples', count=64, batch=next(iter(dataset))).",
            )
        )
    shape = [size or 1 for size in task.image_shape]
    return task.inputs({"image": ops.zeros((count, *shape))}, SeedStream.from_integer(seed))
