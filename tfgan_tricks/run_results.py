"""What is asked of a finished run: its model, images from it, and a summary."""

from pathlib import Path
from typing import Any

import keras
import ml_collections
import numpy as np

from tfgan_tricks import data
from tfgan_tricks.callbacks.checkpoints import latest
from tfgan_tricks.callbacks.film import FRAME_MS, save_gif
from tfgan_tricks.callbacks.grid import make_grid, save_grid, to_picture
from tfgan_tricks.callbacks.image_grid import generate_with
from tfgan_tricks.callbacks.json_lines import read_rows
from tfgan_tricks.checks import check_choice, explain
from tfgan_tricks.files import prepare_directory, write_atomically
from tfgan_tricks.latents import great_circle_path
from tfgan_tricks.loading import load_model
from tfgan_tricks.metrics import class_shares
from tfgan_tricks.run_folder import RunFolder
from tfgan_tricks.training import GAN


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
    return load_model(checkpoint), config


def draw(gan: GAN, count: int, seed: int, batch_size: int = 256) -> np.ndarray:
    """Returns `count` images by the averaged generator, float32 in [-1, 1]; the same seed gives the same images."""
    latents, generate = gan.task.prior.sample(count, seed=seed), generate_with(gan)
    parts = [generate(latents[start : start + batch_size]) for start in range(0, count, batch_size)]
    return np.concatenate([keras.ops.convert_to_numpy(part) for part in parts])  # `predict` would ask all workers


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
    folder = prepare_directory(output or Path(workdir) / "generated")
    name = f"seed-{seed}-count-{count}"
    if form == "grid":
        save_grid(images, folder / f"{name}.png")
        return [folder / f"{name}.png"]
    if form == "npz":
        path = folder / f"{name}.npz"
        write_atomically(path, lambda temporary: np.savez_compressed(temporary, images=data.to_uint8(images)))
        return [path]
    paths = [folder / f"seed-{seed}-{i:06d}.png" for i in range(count)]
    for image, path in zip(images, paths, strict=True):
        save_grid(image[None], path)
    return paths


def interpolate(workdir: str | Path, count: int, seed: int, steps: int, output: str | Path | None = None) -> Path:
    """Writes a film of images that turn into others and back, along great circles between their latents.

    Args:
        workdir: folder of the run.
        count: how many images side by side.
        seed: seed of the latents of both ends.
        steps: frames from one end to the other, at least 2.
        output: folder to write to; `generated` in the run's folder unless given.

    Returns:
        path of the GIF.
    """
    gan, _ = load_run(workdir)
    start, end = keras.ops.split(gan.task.prior.sample(2 * count, seed=seed), 2)
    path = keras.ops.convert_to_numpy(great_circle_path(start, end, steps))  # [steps, count, dim]
    images = gan.predict(path.reshape(-1, *path.shape[2:]), batch_size=256, verbose=0)
    frames = images.reshape(*path.shape[:2], *images.shape[1:])  # [steps, count, h, w, c]
    there_and_back = [*frames, *frames[-2:0:-1]]
    folder = prepare_directory(output or Path(workdir) / "generated")
    target = folder / f"seed-{seed}-count-{count}-interpolation.gif"
    save_gif(target, (to_picture(make_grid(frame)) for frame in there_and_back), [FRAME_MS] * len(there_and_back))
    return target


def summary(gan: GAN, config: ml_collections.ConfigDict, workdir: str | Path) -> list[str]:
    """Returns lines for the end of a run: where all is, the best evaluation and, if asked for, the classes."""
    folder = RunFolder(Path(workdir))
    lines = [f"Pictures: {folder.samples}", f"Numbers: {folder.metrics}", f"Checkpoints: {folder.checkpoints}"]
    lines.append(_evaluations(folder))
    if config.class_summary:
        how = {name: config.data[name] for name in ("resolution", "channels", "crop", "on_error")}
        images, labels = data.arrays(config.data.source, **how)
        shares = class_shares(images, labels, data.to_uint8(draw(gan, config.class_summary, seed=config.seed)))
        lines.append(f"Classes in {config.class_summary} samples, told by a classifier trained on the real images:")
        lines += [f"  {label}: {share:6.1%} {'#' * round(100 * share)}" for label, share in shares.items()]
        lines.append(f"  {sum(share >= 0.02 for share in shares.values())} of {len(shares)} classes have at least 2 %.")
    return lines


def stopped(gan: GAN, workdir: str | Path) -> str:
    """Returns a line about a run that was told to stop: how far it is, and what is saved."""
    images = int(gan.images_seen.numpy())
    checkpoint = latest(RunFolder(Path(workdir)).checkpoints) if gan.is_chief else None
    return f"Stopped at {images:,} images." + (f" Saved: {checkpoint}" if checkpoint else "")


def _evaluations(folder: RunFolder) -> str:
    rows = read_rows(folder.evaluations)
    best = [row for row in rows if row.get("checkpoint") == "training" and row.get("best") and row.get("results")]
    if not rows:
        return f"Not evaluated: `tfgan-tricks evaluate --workdir {folder.path}` measures how good the images are."
    if not best:
        return f"Evaluations: {folder.evaluations}"
    first, images = best[-1]["results"][0], best[-1]["images_seen"]
    found = f"{first['name']} = {first['value']:.4g} at {images:,} images"
    return f"Evaluations: {folder.evaluations}; best {found}, in {folder.best}"
