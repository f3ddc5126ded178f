"""Models from `.keras` files: what is in a file must not run, and its mistakes are told with its name."""

import zipfile
from pathlib import Path

import keras

from tfgan_tricks.checks import explain

MOST_INFLATED = 10  # bytes that one of a file may unpack into; Keras does not pack them at all
SMALL = 10_000_000  # bytes of all parts that are not worth a question


def load_model(path: str | Path, **options) -> keras.Model:
    """Returns the model of a `.keras` file, without running code that the file brings along.

    Args:
        path: of the file.
        **options: for `keras.models.load_model`.

    Raises:
        ValueError: if the file holds code, unpacks into much more than it is, or is no model that can be read here.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            check_size(archive)
        return keras.models.load_model(path, safe_mode=True, **options)
    except Exception as error:  # the file says which classes are asked to read what, so this may be anything
        lines = str(error).strip().splitlines() or [type(error).__name__]
        is_code = "Lambda" in str(error) and "arbitrary code" in str(error)
        raise ValueError(
            explain(
                f"'{path}' holds a Python function, which is not run." if is_code else f"'{path}' cannot be loaded.",
                received=" ... ".join(dict.fromkeys(line[:300] for line in (lines[0], lines[-1]))),
                expected="a model of layers and settings, saved by this library or by Keras",
                fix="put a layer of its own in the place of the Lambda layer, and save the model again."
                if is_code
                else "use a whole file, written with the same versions; versions.json of a run tells them.",
            )
        ) from error


def check_size(archive: zipfile.ZipFile) -> None:
    """Raises `ValueError` for an archive that unpacks into much more than it is."""
    packed = sum(member.compress_size for member in archive.infolist())
    whole = sum(member.file_size for member in archive.infolist())
    if whole > MOST_INFLATED * packed + SMALL:
        raise ValueError(f"its {packed:,} bytes unpack into {whole:,}")
