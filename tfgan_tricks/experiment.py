"""One training run from a config: its data, its folder, and how it goes on."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import keras
import ml_collections
import tensorflow as tf
from absl import logging

from tfgan_tricks import callbacks
from tfgan_tricks.callbacks.checkpoints import checkpoints, images_of, latest, restore
from tfgan_tricks.checks import explain
from tfgan_tricks.configuration import advise
from tfgan_tricks.configuration.fields import check_config, default_config
from tfgan_tricks.construction import build_curriculum, build_gan
from tfgan_tricks.distribution import is_chief, make_strategy
from tfgan_tricks.distribution.agreement import check_agreement
from tfgan_tricks.distribution.lost_worker import lost_workers_told
from tfgan_tricks.evaluation_data import evaluation_callbacks
from tfgan_tricks.exhausted_memory import exhausted_memory_told
from tfgan_tricks.run_data import RunData
from tfgan_tricks.run_diagnosis import doctors
from tfgan_tricks.run_folder import RunFolder
from tfgan_tricks.run_lock import locked
from tfgan_tricks.training import Stage
from tfgan_tricks.training.adversarial_model import AdversarialModel
from tfgan_tricks.training.batches import check_data
from tfgan_tricks.training.span import Span

__all__ = ["build_curriculum", "build_gan", "check_config", "default_config", "train"]


def train(
    config: ml_collections.ConfigDict,
    workdir: str | Path,
    allow_config_change: bool = False,
    tell: Callable[[str], object] = logging.info,
    strategy: str = "one_device",
    max_minutes: float | None = None,
) -> AdversarialModel:
    """Trains, or goes on training, the run in a folder; returns the GAN.

    SIGTERM and SIGINT (Ctrl-C) end it with a checkpoint after the present step; `interrupted` of the GAN then is not
    empty, and the same call goes on.

    Args:
        config: a recipe's.
        workdir: folder of the run, on a file system that all workers share if there are several.
        allow_config_change: go on although the config differs from the one that the run was started with.
        tell: what to do with texts for the user: advice on parts that get along badly, and where a run goes on.
        strategy: see `tfgan_tricks.distribution.make_strategy`.
        max_minutes: after which training stops likewise; no limit unless given.

    Raises:
        ValueError, OSError: for a config, data or folder that does not work; the folder is then as it was. During
            training: for an image that cannot be read any more, or a folder that cannot be written to; what was saved
            before stays.
        NonFiniteError: if training breaks down.
        LostWorkerError: if one of several workers is gone.
        MemoryError: if memory does not suffice.
    """
    check_config(config)
    chosen = make_strategy(strategy)  # first of all, see there
    folder = RunFolder(Path(workdir))
    stop = callbacks.GracefulStop(max_minutes)
    lock = locked(folder.path) if is_chief(chosen) else contextlib.nullcontext()
    with exhausted_memory_told(), lost_workers_told(chosen), stop, lock:
        return _train(config, folder, allow_config_change, tell, chosen, stop)


def _train(
    config: ml_collections.ConfigDict,
    folder: RunFolder,
    allow_config_change: bool,
    tell: Callable[[str], object],
    strategy: tf.distribute.Strategy,
    stop: callbacks.GracefulStop,
) -> AdversarialModel:
    chief = is_chief(strategy)
    keras.utils.set_random_seed(config.seed)
    curriculum = build_curriculum(config)
    with strategy.scope():  # of what all workers do alike; what only the chief does must not be in it
        gan = build_gan(config, curriculum.stages[0].resolution if curriculum else None)
    for advice in advise(gan) if chief else ():
        tell(f"Advice: {advice}")
    checkpoint = _checkpoint(folder)
    images_seen = 0 if checkpoint is None else images_of(checkpoint)
    stage = curriculum.stages[curriculum.stage_at(images_seen)] if curriculum else None
    if curriculum and checkpoint:
        with strategy.scope():
            gan = curriculum.gan_at(gan, curriculum.stage_at(images_seen))
    images = RunData(config, curriculum)
    dataset = images.load(images_seen, stage)
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
        stop,
        callbacks.StopOnNonFinite(),  # last: it raises when training ends, after all others have closed
    ]
    loaded: dict[tuple[Stage | None, int], tf.data.Dataset] = {(stage, images_seen): dataset}

    def feed(stage: Stage | None, images_seen: int) -> tf.data.Dataset:
        return loaded.pop((stage, images_seen), None) or images.load(images_seen, stage)

    with images.unreadable_told():
        if curriculum:
            with strategy.scope():
                return curriculum.fit(gan, feed, watchers)
        for leg in Span(0, config.batch_size, steps, first_epoch=0, epochs=epochs).legs(images_seen):
            gan.fit(feed(None, int(gan.images_seen.numpy())), verbose=0, callbacks=watchers, **leg.how)
            if gan.stop_training:
                break
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
