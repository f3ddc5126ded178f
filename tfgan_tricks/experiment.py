"""One training run from a config: what a config may say, what is built from it, and how the run goes on."""

from pathlib import Path

import keras
import ml_collections
import tensorflow as tf

from tfgan_tricks import callbacks, data
from tfgan_tricks.callbacks.checkpoints import check, checkpoints, latest, restore
from tfgan_tricks.checks import check_choice, check_integer, explain
from tfgan_tricks.configuration import build, build_all
from tfgan_tricks.inputs.input_transform import group_of
from tfgan_tricks.run_folder import RunFolder
from tfgan_tricks.tasks import Unconditional
from tfgan_tricks.training import GAN
from tfgan_tricks.training.compilation import check_data

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")


def default_config(variant: str = "") -> ml_collections.ConfigDict:
    """Returns the config that every recipe starts from; it is locked, so a misspelt field is an error.
    The variant, what the recipe was asked for, is "" or "quick".

    Fields:
        seed: integer; initial weights, data order and latents all descend from it.
        images: images seen by the generator until the run ends, rounded to whole epochs of whole batches.
        images_per_epoch: images between two checkpoints, sample grids and lines of numbers.
        batch_size: images per update; a step with k critic steps reads k such batches.
        precision: one of "float32", "mixed_bfloat16", "mixed_float16".
        data.source, data.resolution, data.channels, data.flip, data.crop, data.on_error: see `tfgan_tricks.data.load`.
        architecture, prior, loss, terms, inputs, averaging, weight_constraint, generator_optimizer,
        discriminator_optimizer: components as text, see `tfgan_tricks.configuration`; "" for none.
        critic_steps: discriminator updates per generator update.
        grid: images in a sample grid.
        keep_checkpoints: how many checkpoints are kept.
        class_summary: after training, tell the classes of so many samples with a classifier trained on the labelled
            real images; 0 for no summary.
    """
    check_choice("variant", variant, ("", "quick"))
    config = ml_collections.ConfigDict(
        {
            "seed": 0,
            "images": 1_000_000,
            "images_per_epoch": 50_000,
            "batch_size": 64,
            "precision": "float32",
            "data": {
                "source": "digits",
                "resolution": 32,
                "channels": 1,
                "flip": False,
                "crop": "center",
                "on_error": "raise",
            },
            "architecture": "sngan_cnn(width=64)",
            "prior": "Normal(128)",
            "averaging": "ExponentialAveraging(half_life_images=10_000, ramp_up=0.05)",
            "loss": "NonSaturating()",
            "terms": (),
            "inputs": (),
            "weight_constraint": "",
            "critic_steps": 1,
            "generator_optimizer": "Adam(1e-4, beta_1=0.0, beta_2=0.9)",
            "discriminator_optimizer": "Adam(4e-4, beta_1=0.0, beta_2=0.9)",
            "grid": 64,
            "keep_checkpoints": 3,
            "class_summary": 0,
        }
    )
    return config.lock()


def check_config(config: ml_collections.ConfigDict) -> None:
    """Raises `ValueError` unless the plain numbers of a config make sense; components are checked when built."""
    for field in ("images", "images_per_epoch", "batch_size", "critic_steps", "grid", "keep_checkpoints"):
        check_integer(f"config.{field}", config[field], at_least=1)
    for field in ("class_summary", "seed"):
        check_integer(f"config.{field}", config[field], at_least=0)
    for smaller, larger in (("batch_size", "images_per_epoch"), ("images_per_epoch", "images")):
        if config[smaller] > config[larger]:
            raise ValueError(
                explain(
                    f"`config.{smaller}` is larger than `config.{larger}`.",
                    received=f"{smaller}={config[smaller]}, {larger}={config[larger]}",
                    expected="batch_size <= images_per_epoch <= images",
                    fix=f"set --config.{smaller} to {config[larger]} or less, or raise --config.{larger}.",
                )
            )
    check_choice("config.precision", config.precision, PRECISIONS)


def build_gan(config: ml_collections.ConfigDict) -> GAN:
    """Returns the compiled GAN that a config describes."""
    keras.config.set_dtype_policy(config.precision)
    prior = build(config.prior, "latents", "config.prior")
    inputs = build_all(config.inputs, "inputs", "config.inputs")
    shape = {"resolution": config.data.resolution, "channels": config.data.channels, "latent_dim": prior.shape[0]}
    generator, discriminator = build(config.architecture, "architectures", "config.architecture", **shape)
    if group_of(inputs) > 1:  # the critic sees several images, one behind the other in its channels
        shape["channels"] *= group_of(inputs)
        _, discriminator = build(config.architecture, "architectures", "config.architecture", **shape)
    averaging = build(config.averaging, "training", "config.averaging") if config.averaging else None
    gan = GAN(Unconditional(generator, discriminator, prior), averaging=averaging, seed=config.seed)
    constraint = config.weight_constraint
    gan.compile(
        generator_optimizer=build(config.generator_optimizer, "optimizers", "config.generator_optimizer"),
        discriminator_optimizer=build(config.discriminator_optimizer, "optimizers", "config.discriminator_optimizer"),
        loss=build(config.loss, "losses.adversarial", "config.loss"),
        terms=build_all(config.terms, "terms", "config.terms"),
        inputs=inputs,
        critic_steps=config.critic_steps,
        weight_constraint=build(constraint, "constraints", "config.weight_constraint") if constraint else None,
    )
    return gan


def load_data(config: ml_collections.ConfigDict, images_seen: int = 0) -> tf.data.Dataset:
    """Returns the dataset of a run from the point where the generator has seen `images_seen` images.

    Raises:
        ValueError: for a source that does not work, or one without labels if the config asks for a summary of classes.
    """
    source = data.open_source(config.data.source, on_error=config.data.on_error)
    if config.class_summary and source.classes is None:
        raise ValueError(
            explain(
                "A summary of classes needs labels.",
                received=f"data.source={config.data.source!r} without labels and class_summary={config.class_summary}",
                expected="labelled data, e.g. a folder with one subfolder per class",
                fix="set --config.class_summary=0, or use a labelled source.",
            )
        )
    return data.load(
        source,
        resolution=config.data.resolution,
        channels=config.data.channels,
        flip=config.data.flip,
        crop=config.data.crop,
        on_error=config.data.on_error,
        batch_size=config.batch_size * config.critic_steps,
        seed=config.seed,
        start=images_seen * config.critic_steps,
    )


def train(config: ml_collections.ConfigDict, workdir: str | Path, allow_config_change: bool = False) -> GAN:
    """Trains, or goes on training, the run in a folder; returns the GAN.

    Raises:
        ValueError, OSError: for a config, data or folder that does not work; the folder is then as it was.
        NonFiniteError: if training breaks down.
    """
    check_config(config)
    keras.utils.set_random_seed(config.seed)
    gan = build_gan(config)
    folder = RunFolder(Path(workdir))
    checkpoint = _checkpoint(folder)
    images_seen = 0 if checkpoint is None else check(checkpoint)["images_seen"]
    dataset = load_data(config, images_seen)
    check_data(gan, dataset, None, config.critic_steps)
    folder.start(config.to_dict(), allow_config_change)
    if checkpoint is not None:
        restore(gan, checkpoint)
    steps = max(1, config.images_per_epoch // config.batch_size)
    epochs = max(1, round(config.images / (steps * config.batch_size)))
    gan.fit(
        dataset,
        initial_epoch=images_seen // (steps * config.batch_size),
        epochs=epochs,
        steps_per_epoch=steps,
        verbose=0,
        callbacks=[
            callbacks.Progress(total_images=epochs * steps * config.batch_size),
            callbacks.MetricsLog(folder.metrics),
            callbacks.ScalarSummaries(folder.logs),
            callbacks.ImageGrid(folder.samples, count=config.grid, seed=config.seed, log_dir=folder.logs),
            callbacks.Checkpointing(folder.checkpoints, keep=config.keep_checkpoints),
            callbacks.StopOnNonFinite(),  # last: it raises when training ends, after all others have closed
        ],
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
