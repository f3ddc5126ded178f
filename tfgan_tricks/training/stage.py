"""The protocol of a stage: what changes at its beginning, and how long it lasts."""

from typing import Any

import keras

from tfgan_tricks.checks import check_integer
from tfgan_tricks.serialization import Configurable


@keras.saving.register_keras_serializable("tfgan_tricks")
class Stage(Configurable):
    """A part of a training run, so many images long.

    By itself a stage changes nothing. A subclass says in `begin` what the model is from now on: the one it was,
    compiled anew or with a network frozen, or another one that takes over its weights; and in `feed` what of the data
    it is shown. Both must do the same each time, so that a killed run goes on where it was.

    Args:
        images: images that the generator sees in this stage, at least 1.
        batch_size: images per generator update.
        resolution: side of the images of this stage, for `data` to read; `None` if that does not change.
    """

    def __init__(self, images: int, batch_size: int = 64, resolution: int | None = None):
        check_integer("images", images, at_least=1)
        check_integer("batch_size", batch_size, at_least=1)
        if resolution is not None:
            check_integer("resolution", resolution, at_least=1)
        self.images = images
        self.batch_size = batch_size
        self.resolution = resolution

    def begin(self, gan: Any) -> Any:
        """Returns the compiled model that trains in this stage, made from the one of the stage before.

        It is called once, under the model's distribution strategy, when `gan.images_seen` is the first image of the
        stage, and again with a fresh model when a killed run is continued. Whatever it returns must have that count.
        """
        return gan

    def feed(self, dataset: Any, gan: Any) -> Any:
        """Returns the dataset as this stage wants it; it begins at `gan.images_seen`."""
        return dataset
