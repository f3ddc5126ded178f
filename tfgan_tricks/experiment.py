"""One training run from a config: its data, its folder, and how it goes on."""

from collections.abc import Callable
from pathlib import Path

import keras
import ml_collections
import tensorflow as tf
from absl import logging

from tfgan_tricks import callbacks, data
from tfgan_tricks.callbacks.checkpoints import check, checkpoints, latest, restore
from tfgan_tricks.checks import explain
from tfgan_tricks.configuration import advise, build
from tfgan_tricks.configuration.fields import check_config, default_config
from tfgan_tricks.construction import build_curriculum, build_gan
from tfgan_tricks.distribution import is_chief, make_strategy
from tfgan_tricks.distribution.agreement import check_agreement
from tfgan_tricks.distribution.lost_worker import lost_workers_told
from tfgan_tricks.evaluation_data import evaluation_callbacks
from tfgan_tricks.run_diagnosis import doctors
from tfgan_tricks.run_folder import RunFolder
from tfgan_tricks.training import ProgressiveTraining, Stage
from tfgan_tricks.training.adversarial_model import AdversarialModel
from tfgan_tricks.training.batches import check_data

__all__ = ["build_curriculum", "build_gan", "check_config", "default_config", "load_data", "train"]


def load_data(
    config: ml_collections.ConfigDict,
    images_seen: int = 0,
    stage: Stage | None = None,
    curriculum: ProgressiveTraining | None = None,
) -> tf.data.Dataset:
    """Returns the dataset of a run, or of a stage, from where the generator has seen `images_seen` images.

    Raises:
        ValueError: for a source that does not work, one without labels if the config asks for a summary of classes, or
            one whose classes are not those of the prior, or one of images that are too small for a curriculum.
    """
    source = data.open_source(config.data.source, on_error=config.data.on_error)
    if curriculum is not None:
        curriculum.check_source(source, config.data.channels, config.data.crop, config.data.on_error)
    if config.class_summary and source.classes is None:
        raise ValueError(
            explain(
                "A summary of classes needs labels.",
                received=f"data.source={config.data.source!r} without labels and class_summary={config.class_summary}",
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
    return data.load(
        source,
        resolution=(stage and stage.resolution) or config.data.resolution,
        channels=config.data.channels,
        upscale=True if curriculum is not None and curriculum.upscale else None,
        flip=config.data.flip,
        crop=config.data.crop,
        on_error=config.data.on_error,
        batch_size=(stage.batch_size if stage else config.batch_size) * config.critic_steps,
        seed=config.seed,
        start=images_seen * config.critic_steps,
    )


def train(
    config: ml_collections.ConfigDict,
    workdir: str | Path,
    allow_config_change: bool = False,
    tell: Callable[[str], object] = logging.info,
    strategy: str = "one_device",
) -> AdversarialModel:
    """Trains, or goes on training, the run in a folder; returns the GAN.

    Args:
        config: a recipe's.
        workdir: folder of the run, on a file system that all workers share if there are several.
        allow_config_change: go on although the config differs from the one that the run was started with.
        tell: what to do with texts for the user: advice on parts that get along badly, and where a run goes on.
        strategy: see `tfgan_tricks.distribution.make_strategy`.

    Raises:
        ValueError, OSError: for a config, data or folder that does not work; the folder is then as it was.
        NonFiniteError: if training breaks down.
        LostWorkerError: if one of several workers is gone.
    """
    check_config(config)
    chosen = make_strategy(strategy)  # first of all, see there
    with lost_workers_told(chosen):
        return _train(config, RunFolder(Path(workdir)), allow_config_change, tell, chosen)


def _train(
    config: ml_collections.ConfigDict,
    folder: RunFolder,
    allow_config_change: bool,
    tell: Callable[[str], object],
    strategy: tf.distribute.Strategy,
) -> AdversarialModel:
    chief = is_chief(strategy)
    keras.utils.set_random_seed(config.seed)
    curriculum = build_curriculum(config)
    with strategy.scope():  # of what all workers do alike; what only the chief does must not be in it
        gan = build_gan(config, curriculum.stages[0].resolution if curriculum else None)
    for advice in advise(gan) if chief else ():
        tell(f"Advice: {advice}")
    checkpoint = _checkpoint(folder)
    images_seen = 0 if checkpoint is None else check(checkpoint)["images_seen"]
    stage = curriculum.stages[curriculum.stage_at(images_seen)] if curriculum else None
    if curriculum and checkpoint:
        with strategy.scope():
            gan = curriculum.gan_at(gan, curriculum.stage_at(images_seen))
    dataset = load_data(config, images_seen, stage, curriculum)
    check_data(gan, dataset, None, config.critic_steps)
    folder.check(config.to_dict(), allow_config_change)
    if checkpoint is not None:
        restore(gan, checkpoint)
        if chief:
            tell(f"Going on from {images_seen:,} images: {checkpoint}")
    if curriculum:
        curriculum.check_growth(gan)
    check_agreement(strategy, images_seen, config.to_dict())
    evaluations = evaluation_callbacks(config, folder.path) if chief else []
    for evaluation in evaluations:
        evaluation.check(gan)
    watching = doctors(config, folder, True if curriculum and curriculum.upscale else None)
    if chief:
        folder.start(config.to_dict(), allow_config_change)  # nothing is written before
    steps = max(1, config.images_per_epoch // config.batch_size)
    epochs = max(1, round(config.images / (steps * config.batch_size)))
    watchers = [
        callbacks.Progress(total_images=curriculum.images if curriculum else epochs * steps * config.batch_size),
        *evaluations,  # before those that write the logs
        *watching,
        callbacks.MetricsLog(folder.metrics),
        callbacks.ScalarSummaries(folder.logs),
        callbacks.ImageGrid(folder.samples, count=config.grid, seed=config.seed, log_dir=folder.logs),
        callbacks.Checkpointing(folder.checkpoints, keep=config.keep_checkpoints),
        callbacks.StopOnNonFinite(),  # last: it raises when training ends, after all others have closed
    ]
    if curriculum:
        loaded = {(stage, images_seen): dataset}
        with strategy.scope():
            return curriculum.fit(
                gan, lambda *now: loaded.pop(now, None) or load_data(config, now[1], now[0], curriculum), watchers
            )
    gan.fit(
        dataset,
        initial_epoch=images_seen // (steps * config.batch_size),
        epochs=epochs,
        steps_per_epoch=steps,
        verbose=0,
        callbacks=watchers,
    )
    return gan


def _checkpoint(folder: RunFolder) -> Path | None:
    newest = latest(folder.checkpoints)
    if newest is None and checkpoints(folder.checkpoints):
        raise ValueError(
            explain(
                "No checkpoint of this run can be read.",
                received=f"{len(checkpoints(folder.checkpoints))} damaged files in {folder.checkpoints}",
                expected="at least one whole checkpoint",
                fix="put a backup in their place, or remove them to start again from the beginning.",
            )
        )
    return newest
