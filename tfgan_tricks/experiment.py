"""One training run from a config: the schema of a config, and what is built from it."""

from pathlib import Path
from typing import Any

import keras
import ml_collections
import numpy as np

from tfgan_tricks import callbacks, data
from tfgan_tricks.callbacks.checkpoints import checkpoints, latest, restore
from tfgan_tricks.callbacks.grid import save_grid
from tfgan_tricks.checks import check_choice, check_integer, explain
from tfgan_tricks.configuration import build, build_all
from tfgan_tricks.metrics import class_shares
from tfgan_tricks.run_folder import RunFolder
from tfgan_tricks.tasks import Unconditional
from tfgan_tricks.training import GAN

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")


def default_config() -> ml_collections.ConfigDict:
    """Returns the config that every recipe starts from; it is locked, so a misspelt field is an error.

    Fields:
        seed: integer; initial weights, data order and latents all descend from it.
        images: images seen by the generator until the run ends.
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
    check_integer("config.class_summary", config.class_summary, at_least=0)
    check_choice("config.precision", config.precision, PRECISIONS)


def build_gan(config: ml_collections.ConfigDict) -> GAN:
    """Returns the compiled GAN that a config describes."""
    keras.config.set_dtype_policy(config.precision)
    prior = build(config.prior, "latents", "config.prior")
    shape = {"resolution": config.data.resolution, "channels": config.data.channels, "latent_dim": prior.shape[0]}
    generator, discriminator = build(config.architecture, "architectures", "config.architecture", **shape)
    averaging = build(config.averaging, "training", "config.averaging") if config.averaging else None
    gan = GAN(Unconditional(generator, discriminator, prior), averaging=averaging, seed=config.seed)
    constraint = config.weight_constraint
    gan.compile(
        generator_optimizer=build(config.generator_optimizer, "optimizers", "config.generator_optimizer"),
        discriminator_optimizer=build(config.discriminator_optimizer, "optimizers", "config.discriminator_optimizer"),
        loss=build(config.loss, "losses.adversarial", "config.loss"),
        terms=build_all(config.terms, "penalties", "config.terms"),
        inputs=build_all(config.inputs, "inputs", "config.inputs"),
        critic_steps=config.critic_steps,
        weight_constraint=build(constraint, "constraints", "config.weight_constraint") if constraint else None,
    )
    return gan


def load_data(config: ml_collections.ConfigDict, images_seen: int = 0):
    """Returns the dataset of a run from the point where the generator has seen `images_seen` images."""
    return data.load(
        config.data.source,
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
        ValueError, OSError: for a config, data or folder that does not work, before anything is written where
            possible.
    """
    check_config(config)
    keras.utils.set_random_seed(config.seed)
    gan = build_gan(config)
    folder = RunFolder(Path(workdir))
    # A source that does not work is refused before the folder is touched.
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
    load_data(config)
    folder.start(config.to_dict(), allow_config_change)
    checkpoint = latest(folder.checkpoints)
    if checkpoint is None and checkpoints(folder.checkpoints):
        raise ValueError(
            explain(
                "No checkpoint of this run can be read.",
                received=f"{len(checkpoints(folder.checkpoints))} damaged files in {folder.checkpoints}",
                expected="at least one whole checkpoint",
                fix="put a backup in their place, or remove them to start again from the beginning.",
            )
        )
    if checkpoint is not None:
        restore(gan, checkpoint)
    images_seen = int(gan.images_seen.numpy())
    steps = max(1, config.images_per_epoch // config.batch_size)
    epochs = max(1, round(config.images / (steps * config.batch_size)))
    gan.fit(
        load_data(config, images_seen),
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


def load_run(workdir: str | Path) -> tuple[GAN, dict[str, Any]]:
    """Returns the newest whole checkpoint of a run as a GAN, and the run's config.

    Raises:
        ValueError: if the folder holds no run or no checkpoint.
    """
    folder = RunFolder(Path(workdir))
    config = folder.read_config()
    checkpoint = latest(folder.checkpoints)
    if checkpoint is None:
        raise ValueError(
            explain(
                f"The run in {folder.path} has no checkpoint yet.",
                received=f"no readable file in {folder.checkpoints}",
                expected="at least one finished epoch of training",
                fix="train for longer, or look for errors of the training run.",
            )
        )
    return keras.models.load_model(checkpoint, safe_mode=True), config


def draw(gan: GAN, count: int, seed: int, batch_size: int = 256) -> np.ndarray:
    """Returns `count` images by the averaged generator, float32 in [-1, 1]; the same seed gives the same images."""
    latents = keras.ops.convert_to_numpy(gan.task.prior.sample(count, seed=seed))
    return gan.predict(latents, batch_size=batch_size, verbose=0)


def sample(workdir: str | Path, count: int, seed: int, form: str, output: str | Path | None = None) -> list[Path]:
    """Draws images from the newest checkpoint of a run and writes them.

    Args:
        workdir: folder of the run.
        count: how many images.
        seed: seed of the latents.
        form: "grid" for one picture, "npz" for one array file, "files" for one PNG per image.
        output: folder to write to; `generated` in the run's folder unless given.

    Returns:
        paths of the files written.
    """
    check_choice("form", form, ("grid", "npz", "files"))
    gan, _ = load_run(workdir)
    images = draw(gan, count, seed)
    folder = Path(output or Path(workdir) / "generated")
    folder.mkdir(parents=True, exist_ok=True)
    name = f"seed-{seed}-count-{count}"
    if form == "grid":
        save_grid(images, folder / f"{name}.png")
        return [folder / f"{name}.png"]
    if form == "npz":
        np.savez_compressed(folder / f"{name}.npz", images=data.to_uint8(images))
        return [folder / f"{name}.npz"]
    paths = [folder / f"seed-{seed}-{i:06d}.png" for i in range(count)]
    for image, path in zip(images, paths, strict=True):
        save_grid(image[None], path)
    return paths


def summary(gan: GAN, config: ml_collections.ConfigDict, workdir: str | Path) -> list[str]:
    """Returns lines for the end of a run: where the pictures are and, if asked for, which classes they show."""
    folder = RunFolder(Path(workdir))
    lines = [f"Pictures: {folder.samples}", f"Numbers: {folder.metrics}", f"Checkpoints: {folder.checkpoints}"]
    if config.class_summary:
        shape = {"resolution": config.data.resolution, "channels": config.data.channels}
        images, labels = data.arrays(config.data.source, **shape)
        shares = class_shares(images, labels, data.to_uint8(draw(gan, config.class_summary, seed=config.seed)))
        lines.append(f"Classes in {config.class_summary} samples, told by a classifier trained on the real images:")
        lines += [f"  {label}: {share:6.1%} {'#' * round(100 * share)}" for label, share in shares.items()]
        lines.append(f"  {sum(share >= 0.02 for share in shares.values())} of {len(shares)} classes have at least 2 %.")
    return lines
