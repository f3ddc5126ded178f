"""Checkpoints on disk: their names, which of them are whole, and how training goes on from one."""

import io
import json
import re
import warnings
import zipfile
from pathlib import Path

import h5py
import keras
import tensorflow as tf
from absl import logging

from tfgan_tricks.callbacks.keras_saving import remember_skipped_attributes
from tfgan_tricks.callbacks.periodic import images_seen
from tfgan_tricks.checks import explain
from tfgan_tricks.files import write_atomically
from tfgan_tricks.loading import check_size
from tfgan_tricks.version import __version__

FORMAT = 1
NAME = re.compile(r"checkpoint-(\d{12,})\.keras")
WEIGHTS = "model.weights.h5"  # Keras' name of the member that holds all variables


class DamagedCheckpointError(ValueError):
    """A file that is no whole checkpoint."""


def checkpoint_path(directory: Path, images: int) -> Path:
    """Returns where the checkpoint at `images` images seen belongs."""
    return directory / f"checkpoint-{images:012d}.keras"


def checkpoints(directory: str | Path) -> dict[int, Path]:
    """Returns the checkpoints of a folder by images seen, in that order; whole or not."""
    directory = Path(directory)
    if not directory.is_dir():
        return {}
    found = {int(m[1]): path for path in directory.iterdir() if (m := NAME.fullmatch(path.name))}
    return dict(sorted(found.items()))


def save(gan: keras.Model, path: Path) -> None:
    """Writes the whole compiled GAN into one `.keras` file, which is complete and readable or not there.

    Raises:
        WriteError: if the disk refuses.
    """
    facts = {
        "format": FORMAT,
        "images_seen": images_seen(gan),
        "tfgan_tricks": __version__,
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
    }

    def write(temporary: Path) -> None:
        remember_skipped_attributes()
        gan.save(temporary)
        # Keras ignores a zip file's comment. A member of its own would make Keras unpack the file to disk on loading.
        with zipfile.ZipFile(temporary, "a") as archive:
            archive.comment = json.dumps(facts).encode()
        try:
            check(temporary)
        except DamagedCheckpointError as error:
            raise OSError(f"what was written cannot be read back: {error}") from error

    write_atomically(path, write)


def check(path: Path) -> dict:
    """Reads a checkpoint from beginning to end, and returns what it says about itself.

    Raises:
        DamagedCheckpointError: if a part is missing or unreadable.
        ValueError: if it was written by a later version of the library.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            check_size(archive)
            bad = archive.testzip()
            if bad is not None:
                raise DamagedCheckpointError(f"'{path}' is damaged: wrong checksum of '{bad}'.")
            facts = _facts(archive.comment)
            with h5py.File(io.BytesIO(archive.read(WEIGHTS)), "r") as weights:
                weights.visit(lambda name: None)
    except (OSError, zipfile.BadZipFile, KeyError, RuntimeError, ValueError, EOFError) as error:
        if isinstance(error, DamagedCheckpointError):
            raise
        raise DamagedCheckpointError(f"'{path}' is damaged: {type(error).__name__}: {error}") from error
    if facts.get("format", FORMAT) > FORMAT:
        raise ValueError(
            explain(
                f"'{path}' was written by a later version of this library.",
                received=f"format {facts['format']}, written by tfgan_tricks {facts.get('tfgan_tricks')}",
                expected=f"format {FORMAT} or earlier",
                fix="install that version.",
            )
        )
    return facts


def _facts(comment: bytes) -> dict:
    """Returns what a checkpoint says about itself; raises `ValueError` if that makes no sense."""
    facts = json.loads(comment or b"{}")
    numbers = [facts.get(name, 0) for name in ("format", "images_seen")] if isinstance(facts, dict) else [None]
    if not all(type(number) is int and number >= 0 for number in numbers):
        raise ValueError("what it says about itself is no list of facts")
    return facts


def images_of(path: Path) -> int:
    """Returns how many images the model of a checkpoint has seen, after reading the file as `check` does.

    Raises:
        ValueError: if it does not say so: `gan.save` writes a model that can be loaded, not a checkpoint.
    """
    facts = check(path)
    if "images_seen" not in facts:
        raise ValueError(
            explain(
                f"'{path}' does not say how many images its model has seen.",
                received="a model without the facts that a checkpoint has",
                expected="a file written by the callback Checkpointing, as it was written",
                fix="remove it: the checkpoint before is used then.",
            )
        )
    return facts["images_seen"]


def latest(directory: str | Path) -> Path | None:
    """Returns the newest whole checkpoint of a folder, or `None`; damaged ones are reported and passed over."""
    for path in reversed(checkpoints(directory).values()):
        try:
            check(path)
        except DamagedCheckpointError as error:
            logging.warning("A checkpoint is passed over: %s", error)
        else:
            return path
    return None


def restore(gan: keras.Model, path: str | Path) -> int:
    """Puts a compiled GAN into the state of a checkpoint, and returns its images seen.

    Weights, averaged weights, both optimizers, counters and seed generators: training goes on as if it had never
    stopped. `keras.models.load_model(path)` does the same for a GAN that does not exist yet.

    Raises:
        DamagedCheckpointError: if the file is not whole.
        ValueError: if it is a checkpoint of another model.
    """
    path = Path(path)
    facts = check(path)
    mismatch: Exception | None = None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            gan.load_weights(path)
        except ValueError as error:
            mismatch = error
    # Keras only warns where an optimizer or a whole group of layers is left as it was.
    skipped = [str(warning.message) for warning in caught if "Skipping" in str(warning.message)]
    if mismatch is not None or skipped:
        raise ValueError(
            explain(
                "The checkpoint does not fit the model.",
                received=f"'{path}': {(skipped or [str(mismatch)])[0].strip()}",
                expected="a checkpoint of a GAN with the same networks, optimizers, averaging and input transforms",
                fix="build the GAN with the settings of the run that wrote the checkpoint.",
            )
        ) from mismatch
    images = images_seen(gan)
    if images != facts.get("images_seen", images):
        raise DamagedCheckpointError(f"'{path}' is damaged: {images} images seen, not {facts['images_seen']}.")
    return images
