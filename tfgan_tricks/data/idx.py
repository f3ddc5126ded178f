"""IDX files: the format of MNIST and its successors, plain or gzipped."""

import gzip
import math
import zlib
from pathlib import Path

import numpy as np

from tfgan_tricks.checks import check_choice, explain
from tfgan_tricks.data.in_memory import from_arrays
from tfgan_tricks.data.limits import TooLargeError, check_array
from tfgan_tricks.data.local_path import expanded, shown
from tfgan_tricks.data.source import Source

UNSIGNED_BYTES = 8  # type code in the third byte; the fourth is the number of dimensions
MOST_INFLATED = 1_032  # bytes that gzip can pack into one
MOST_DIMENSIONS = 64  # of an array of NumPy
SPLITS = {"train": ("train",), "test": ("t10k", "test")}


def open_idx(folder: str, split: str = "train", class_names: tuple[str, ...] | None = None) -> Source:
    """Returns the images (and labels, if there are any) of one split of a folder with IDX files.

    The files are found by name: `train-images-idx3-ubyte.gz` and `train-labels-idx1-ubyte.gz`, with `t10k` or
    `test` in place of `train` for the test split, a prefix before them (as in EMNIST) and ".gz" being optional.
    """
    name = shown(f"idx:{folder}")
    check_choice("split", split, SPLITS)
    path = expanded(name, folder)
    images = _find(name, path, split, "images")
    if images is None:
        found = sorted(shown(file.name) for file in path.iterdir())[:5] if path.is_dir() else "no such folder"
        raise ValueError(
            explain(
                f"There are no IDX images of the split '{split}'.",
                received=f"{name} with {found or 'no files'}",
                expected=f"a folder with {SPLITS[split][0]}-images-idx3-ubyte, plain or as .gz",
                fix="check the path and the names of the files.",
            )
        )
    labels = _find(name, path, split, "labels")
    return from_arrays(name, read_idx(images), None if labels is None else read_idx(labels), class_names)


def read_idx(path: Path) -> np.ndarray:
    """Returns the array of unsigned bytes in one IDX file."""
    try:
        held = path.stat().st_size * (MOST_INFLATED if path.suffix == ".gz" else 1)
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            magic = file.read(4)
            if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] != UNSIGNED_BYTES:
                raise ValueError(f"it starts with {magic.hex(' ')!r}, not with '00 00 08' and the number of dimensions")
            lengths = [int.from_bytes(file.read(4), "big") for _ in range(magic[3])]
            expected = math.prod(lengths)
            if expected > held:  # told before so much memory is taken
                raise ValueError(f"its header says {expected:,} bytes of shape {tuple(lengths)}, it holds less")
            check_array(shown(str(path)), tuple(lengths))
            data = file.read(expected + 1)
    except TooLargeError:
        raise
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise _unreadable(path, str(error)) from error
    if len(data) != expected:
        length = "more" if len(data) > expected else f"only {len(data):,}"
        raise _unreadable(path, f"its header says {expected:,} bytes of shape {tuple(lengths)}, it holds {length}")
    if len(lengths) > MOST_DIMENSIONS:
        raise _unreadable(path, f"its header says {len(lengths)} dimensions")
    return np.frombuffer(data, np.uint8).reshape(lengths)


def _unreadable(path: Path, reason: str) -> ValueError:
    expected = "an IDX file of unsigned bytes, complete"
    return ValueError(
        explain(
            "Unreadable IDX file.",
            received=f"{shown(str(path))}: {reason}",
            expected=expected,
            fix="fetch the file again.",
        )
    )


def _find(name: str, folder: Path, split: str, kind: str) -> Path | None:
    patterns = [f"*{stem}-{kind}*idx?-ubyte*" for stem in SPLITS[split]]
    found = (file for pattern in patterns for file in folder.glob(pattern))
    files = sorted({file for file in found if file.suffix in ("", ".gz") and file.is_file()})
    stems = sorted({file.name.removesuffix(".gz") for file in files})
    if len(stems) > 1:
        raise ValueError(
            explain(
                f"There are several {kind} files for the split '{split}'.",
                received=f"{name} with {', '.join(shown(stem) for stem in stems)}",
                expected="one of them",
                fix="put each data set into a folder of its own.",
            )
        )
    return files[0] if files else None
