"""Images from a NumPy archive."""

import zipfile
from pathlib import Path

import numpy as np

from tfgan_tricks.checks import explain
from tfgan_tricks.data.in_memory import from_arrays
from tfgan_tricks.data.source import Source


def open_npz(path: str) -> Source:
    """Returns the images of an `.npz` file: array "images" with optional "labels", or the only array in it."""
    name = f"npz:{path}"
    file = Path(path).expanduser()
    if not file.is_file():
        raise ValueError(
            explain("There is no such file.", received=name, expected="an .npz file", fix="check the path.")
        )
    images = labels = None
    try:
        archive = np.load(file, allow_pickle=False)
        if not isinstance(archive, np.lib.npyio.NpzFile):
            raise ValueError("it holds a single array, not an archive")
        with archive:
            keys = list(archive.files)
            key = "images" if "images" in keys or len(keys) != 1 else keys[0]
            if key in keys:
                images = archive[key]
                labels = archive["labels"] if "labels" in keys and key == "images" else None
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(
            explain(
                "The file cannot be read.",
                received=f"{name} ({error})",
                expected="an archive written by np.savez or np.savez_compressed, without pickled objects",
                fix="write the file again with np.savez(file, images=images, labels=labels).",
            )
        ) from error
    if images is None:
        raise ValueError(
            explain(
                f"Which array of {name} holds the images?",
                received=f"arrays {', '.join(sorted(keys)) or '(none)'}",
                expected="an array named 'images' (and 'labels', if there are any), or a single array",
                fix="save with np.savez(file, images=images, labels=labels).",
            )
        )
    return from_arrays(name, images, labels)
