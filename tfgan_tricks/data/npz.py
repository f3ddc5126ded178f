"""Images from a NumPy archive."""

import math
import zipfile

import numpy as np
from numpy.lib import format as npy

from tfgan_tricks.checks import explain
from tfgan_tricks.data.in_memory import from_arrays
from tfgan_tricks.data.limits import TooLargeError, check_array
from tfgan_tricks.data.local_path import expanded, shown
from tfgan_tricks.data.source import Source


def open_npz(path: str) -> Source:
    """Returns the images of an `.npz` file: array "images" with optional "labels", or the only array in it."""
    name = shown(f"npz:{path}")
    file = expanded(name, path)
    if not file.is_file():
        raise ValueError(
            explain("There is no such file.", received=name, expected="an .npz file", fix="check the path.")
        )
    images = labels = None
    try:
        if not zipfile.is_zipfile(file):
            raise ValueError("it is no archive; a single array belongs into one")
        with zipfile.ZipFile(file) as archive:
            members = {member.filename.removesuffix(".npy"): member for member in archive.infolist()}
            key = "images" if "images" in members or len(members) != 1 else next(iter(members))
            if key in members:
                images = _array(name, archive, members[key])
                labels = _array(name, archive, members["labels"]) if "labels" in members and key == "images" else None
    except TooLargeError:
        raise
    except Exception as error:  # a damaged archive makes zipfile, zlib and NumPy raise anything
        raise ValueError(
            explain(
                "The file cannot be read.",
                received=f"{name} ({shown(str(error)) or type(error).__name__})",
                expected="an archive written by np.savez or np.savez_compressed, without pickled objects",
                fix="write the file again with np.savez(file, images=images, labels=labels).",
            )
        ) from error
    if images is None:
        raise ValueError(
            explain(
                f"Which array of {name} holds the images?",
                received=f"arrays {', '.join(shown(key) for key in sorted(members)) or '(none)'}",
                expected="an array named 'images' (and 'labels', if there are any), or a single array",
                fix="save with np.savez(file, images=images, labels=labels).",
            )
        )
    return from_arrays(name, images, labels)


def _array(name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> np.ndarray:
    """Reads one array, after its header: NumPy takes the memory that a header asks for before it looks further."""
    with archive.open(member) as file:
        version = npy.read_magic(file)
        if version not in ((1, 0), (2, 0)):  # (3, 0) is for fields with names, which no image has
            raise ValueError(f"{member.filename} is written in version {version} of the format")
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, _, dtype = read(file)
        held = member.file_size - file.tell()
    if dtype.hasobject:
        raise ValueError(f"{member.filename} holds pickled objects, which are never loaded")
    if min(shape, default=0) < 0 or math.prod(shape) * dtype.itemsize != held:
        raise ValueError(f"the header of {member.filename} says {dtype} of shape {shape}, it holds {held:,} bytes")
    check_array(f"{member.filename} of {name}", shape, dtype.itemsize)
    with archive.open(member) as file:
        return npy.read_array(file, allow_pickle=False)
