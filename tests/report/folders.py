"""Run folders as a training leaves them, made without one: the writers are the library's own."""

import json
from pathlib import Path

import numpy as np

from tests.callbacks.tiny import tiny_gan
from tfgan_tricks.callbacks.checkpoints import checkpoint_path
from tfgan_tricks.callbacks.comparison import Comparison, as_row
from tfgan_tricks.callbacks.film import grid_path
from tfgan_tricks.callbacks.grid import save_grid
from tfgan_tricks.callbacks.json_lines import append
from tfgan_tricks.configuration.fields import default_config
from tfgan_tricks.diagnostics import signals
from tfgan_tricks.diagnostics.facts import facts_of
from tfgan_tricks.diagnostics.window import Snapshot
from tfgan_tricks.metrics import FID, KID, Samples
from tfgan_tricks.run_folder import RunFolder

EPOCH, EPOCHS = 6400, 6
TIMES, LOSSES = ("images_seen", "seconds", "images_per_second"), ("discriminator_loss", "generator_loss")


def write_run(path: Path, epochs: int = EPOCHS, name: str = "run", names=LOSSES, **config) -> RunFolder:
    """Writes a folder with config, versions, numbers and sample grids; nothing was evaluated or looked at.

    Args:
        path: where to make the folder.
        epochs: how many have ended.
        name: of the folder.
        names: which numbers were recorded.
        config: fields that differ from the default.
    """
    settings = default_config()
    settings.update({"images": EPOCH * EPOCHS, "images_per_epoch": EPOCH, "loss": "Hinge()", **config})
    folder = RunFolder(path / name)
    folder.start(settings.to_dict())
    for epoch in range(epochs + 1):
        write_grid(folder, epoch * EPOCH)
    for epoch in range(1, epochs + 1):
        append(folder.metrics, {key: value for key, value in numbers(epoch).items() if key in (*TIMES, *names)})
    return folder


def numbers(epoch: int) -> dict:
    """Returns a line of numbers, all different."""
    return {
        "images_seen": epoch * EPOCH,
        "seconds": 10.0 * epoch,
        "images_per_second": None if epoch == 1 else 600.0 + 10.0 * epoch,
        "discriminator_loss": 1.0 + 0.1 * epoch,
        "generator_loss": 0.8 - 0.05 * epoch,
        "discriminator_gradient_norm": 10.0**epoch,
        "generator_gradient_norm": 3.0 * epoch,
        "real_probability": 0.9 - 0.05 * epoch,
        "fake_probability": 0.1 + 0.05 * epoch,
        "real_logits": 2.0 / epoch,
        "fake_logits": -2.0 / epoch,
        "discriminator_accuracy": 0.9 - 0.03 * epoch,
        "fooled_share": 0.1 + 0.02 * epoch,
        "r1": 0.5 / epoch,
    }


def write_grid(folder: RunFolder, images: int, side: int = 8, count: int = 4) -> Path:
    """Writes a sample grid of noise."""
    path = grid_path(folder.samples, images)
    save_grid(np.random.default_rng(images).uniform(-1.0, 1.0, (count, side, side, 3)), path)
    return path


def write_checkpoint(folder: RunFolder, images: int) -> None:
    """Writes something by the name of a checkpoint."""
    checkpoint_path(folder.checkpoints, images).write_bytes(b"\0" * 1_500_000)


def write_evaluations(folder: RunFolder) -> None:
    """Writes evaluations during training, of which the second was the best, and of both checkpoints afterwards."""
    random = np.random.default_rng(0)
    real = Samples(features=random.normal(size=(80, 3)), split="train")

    def row(images: int, checkpoint: str, shift: float, count: int) -> dict:
        compared = Comparison([FID(), KID(subset_size=20, subsets=3)], real, count)
        fake = Samples(features=random.normal(loc=shift, size=(count, 3)), weights="averaged", seed=1)
        return as_row(images, checkpoint, compared.measure(fake), compared.floors)

    for images, shift, best in ((EPOCH, 2.0, True), (2 * EPOCH, 0.5, True), (3 * EPOCH, 1.0, False)):
        append(folder.evaluations, row(images, "training", shift, 20) | {"best": best})
    append(folder.evaluations, row(3 * EPOCH, "final", 1.0, 40))
    append(folder.evaluations, row(2 * EPOCH, "best", 0.5, 40))


def write_looks(folder: RunFolder, looks: int = 4) -> None:
    """Writes the signals of a training that breaks down at its last look."""
    directory = folder.path / "doctor"
    directory.mkdir()
    signals.begin(directory, 0, facts_of(tiny_gan()))
    for look in range(looks):
        last = look == looks - 1
        values = {"discriminator_accuracy": 0.7, "generator_loss": 0.5}
        notes = {"non_finite": "discriminator_loss", "first_bad_tensor": "variable dense/kernel"} if last else {}
        signals.record(directory, Snapshot(look * EPOCH, values, notes))


def add_line(path: Path, text: str) -> None:
    """Adds text to a file as it is."""
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def edit(path: Path, **changes) -> None:
    """Changes fields of a JSON file."""
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
