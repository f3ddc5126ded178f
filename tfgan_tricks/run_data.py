"""The images of a training run, from any point of it on."""

import contextlib
from collections.abc import Iterator

import ml_collections
import tensorflow as tf

from tfgan_tricks import data
from tfgan_tricks.checks import explain
from tfgan_tricks.configuration import build
from tfgan_tricks.data.decoding import first_unreadable
from tfgan_tricks.data.pipeline import CACHE_GIGABYTES, prepare
from tfgan_tricks.data.transform import plan
from tfgan_tricks.training import ProgressiveTraining, Stage

# What TensorFlow raises for a file that is damaged, gone, forbidden, on a failing disk, or a folder.
UNREADABLE = (
    tf.errors.InvalidArgumentError,
    tf.errors.NotFoundError,
    tf.errors.PermissionDeniedError,
    tf.errors.UnknownError,
    tf.errors.FailedPreconditionError,
)


class RunData:
    """What a config says of data: opened and decoded once, however often training goes on from another point.

    Args:
        config: of the run.
        curriculum: that it trains in; its stages show the images in sizes of their own.

    Raises:
        ValueError: for a source that does not work, one without labels if the config asks for a summary of classes, or
            one whose classes are not those of the prior, or one of images that are too small for a curriculum.
    """

    def __init__(self, config: ml_collections.ConfigDict, curriculum: ProgressiveTraining | None = None):
        self.config = config
        self.curriculum = curriculum
        wanted = config.data
        self.source = data.open_source(wanted.source, on_error=wanted.on_error)
        if curriculum is not None:
            curriculum.check_source(self.source, wanted.channels, wanted.crop, wanted.on_error)
        self._check_classes()
        if curriculum is None:
            transform = plan(self.source, wanted.resolution, wanted.channels, wanted.crop)
            how = {"upscale": None, "on_error": wanted.on_error, "gigabytes": CACHE_GIGABYTES, "verify": True}
            self.source = prepare(self.source, transform, **how)

    def load(self, images_seen: int = 0, stage: Stage | None = None) -> tf.data.Dataset:
        """Returns the dataset of the run, or of a stage, from where the generator has seen `images_seen` images."""
        config, curriculum = self.config, self.curriculum
        return data.load(
            self.source,
            resolution=(stage and stage.resolution) or config.data.resolution,
            channels=config.data.channels,
            upscale=True if curriculum is not None and curriculum.upscale else None,
            flip=config.data.flip,
            crop=config.data.crop,
            on_error=config.data.on_error,
            batch_size=(stage.batch_size if stage else config.batch_size) * config.critic_steps,
            seed=config.seed,
            start=images_seen * config.critic_steps,
            verify=curriculum is not None,  # otherwise done before
        )

    @contextlib.contextmanager
    def unreadable_told(self) -> Iterator[None]:
        """Names the file, where training ends because an image cannot be read any more.

        Raises:
            ValueError: in place of TensorFlow's error, if there is such a file.
        """
        try:
            yield
        except UNREADABLE as error:
            wanted, source = self.config.data, self.source
            found = None
            if source.files is not None:  # read again and again, because they do not fit into memory
                found = first_unreadable(source, plan(source, wanted.resolution, wanted.channels, wanted.crop))
            if found is None:
                raise
            raise ValueError(
                explain(
                    "An image of the data cannot be read any more.",
                    received=found,
                    expected="the files that training began with, until it ends",
                    fix="put the file back and give the same command again: training goes on from its last checkpoint"
                    " as if nothing had happened. Without the file the others come in another order.",
                )
            ) from error

    def _check_classes(self) -> None:
        config, source = self.config, self.source
        if config.class_summary and source.classes is None:
            raise ValueError(
                explain(
                    "A summary of classes needs labels.",
                    received=f"data.source={config.data.source!r} without labels and"
                    f" class_summary={config.class_summary}",
                    expected="labelled data, e.g. a folder with one subfolder per class",
                    fix="set --config.class_summary=0, or use a labelled source.",
                )
            )
        prior = build(config.prior, "latents", "config.prior")
        if prior.labels is not None and source.classes is not None and prior.labels != source.classes:
            raise ValueError(
                explain(
                    "The prior and the data differ in their number of classes.",
                    received=f"{type(prior).__name__} for {prior.labels}, data of {source.classes} classes",
                    expected="one prior for each class of the data",
                    fix=f"give {type(prior).__name__} {source.classes} priors.",
                )
            )
