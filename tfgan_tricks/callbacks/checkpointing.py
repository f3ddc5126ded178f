"""Saving a run as it goes."""

from pathlib import Path

import keras
import numpy as np
from absl import logging

from tfgan_tricks.callbacks.checkpoints import checkpoint_path, checkpoints, latest, save
from tfgan_tricks.callbacks.periodic import Periodic
from tfgan_tricks.callbacks.stop_on_non_finite import non_finite
from tfgan_tricks.checks import check_integer, explain
from tfgan_tricks.files import prepare_directory


class Checkpointing(Periodic):
    """Saves the whole GAN as training goes, so that a killed run continues exactly where it was saved.

    A checkpoint is one `.keras` file, `checkpoint-<images seen>.keras`, which `keras.models.load_model` reads. It is
    written under another name, read back, and only then given its own, so that whatever happens in between (a kill,
    a power failure, a full disk) the last checkpoint stays valid. A model with values that are not finite is never
    saved.

    To continue a run: `restore(gan, latest(directory))`, both from `tfgan_tricks.callbacks.checkpoints`, before `fit`.

    Args:
        directory: folder for the checkpoints; created where it does not exist.
        keep: how many of the newest checkpoints are kept, at least 1.
        every_images: images between two checkpoints; one after each epoch unless given.

    **Cost**: writing and reading back all weights, averaged weights and optimizer moments, `keep` + 1 times that on
    the disk.

    **Combines badly with**: a folder that already holds checkpoints of another run, which is refused.

    Example:

    >>> callback = tt.callbacks.Checkpointing("checkpoints", keep=2, every_images=100_000)
    >>> # gan.fit(dataset, epochs=10, callbacks=[callback])
    """

    when_interrupted = True

    def __init__(self, directory: str | Path, keep: int = 3, every_images: int | None = None):
        super().__init__(every_images)
        check_integer("keep", keep, at_least=1)
        self.directory = Path(directory)
        self.keep = keep

    def start(self, images):
        prepare_directory(self.directory)
        ahead = [path for number, path in checkpoints(self.directory).items() if number > images]
        newest = latest(self.directory) if ahead else None
        if newest in ahead:
            raise ValueError(
                explain(
                    "The folder holds a later checkpoint than the model.",
                    received=f"'{newest}', and a model that has seen {images:,} images",
                    expected="a folder of this run, or an empty one",
                    fix="continue that run with tfgan_tricks.callbacks.checkpoints.restore(gan, latest(directory)),"
                    " or choose another folder.",
                )
            )

    def act(self, images, logs):
        bad = non_finite(self.model, logs) or non_finite_variables(self.model)
        if bad:
            logging.error("No checkpoint at %d images: '%s' is not finite. Earlier ones stay.", images, bad[0])
            return
        save(self.model, checkpoint_path(self.directory, images))
        # What is numbered later than this one is damaged, or `start` would have refused.
        past = [path for number, path in checkpoints(self.directory).items() if number <= images]
        for path in past[: -self.keep]:
            path.unlink(missing_ok=True)


def non_finite_variables(gan: keras.Model) -> list[str]:
    """Returns the paths of those variables of the model and its optimizers that are not finite."""
    optimizers = {id(value): value for value in vars(gan).values() if isinstance(value, keras.optimizers.Optimizer)}
    slots = [variable for optimizer in optimizers.values() for variable in optimizer.variables]
    return [variable.path for variable in (*gan.variables, *slots) if not np.isfinite(variable.numpy()).all()]
