"""A folder of image files, with or without class subfolders."""

import dataclasses
import os
import warnings
from pathlib import Path

import numpy as np
from PIL import Image

from tfgan_tricks.checks import explain
from tfgan_tricks.data.image_file import SUFFIXES, read_header
from tfgan_tricks.data.source import Source, leave_out


def open_folder(folder: str, on_error: str = "raise") -> Source:
    """Returns the images of a folder, in the order of their paths.

    Images in subfolders are labelled by the subfolder's place in the sorted list of names (images may lie deeper);
    images right in the folder have no labels. Only headers are read here: format, size, colour, orientation.
    Hidden files and files of other types are ignored.

    Args:
        folder: path of the folder.
        on_error: "raise" for the first file that cannot be used, or "skip" to leave such files out and report them.
    """
    name = f"folder:{folder}"
    root = Path(folder).expanduser()
    files, labels, class_names = _listing(name, root)
    with warnings.catch_warnings():  # Pillow warns of large images; `read_header` refuses them
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        headers = [read_header(file) for file in files]
    sizes = np.array([(header.height, header.width) for header in headers], np.int32)
    source = Source(
        name,
        len(files),
        (None, None, 3),
        labels,
        class_names,
        files=tuple(str(file) for file in files),
        sizes=sizes,
        orientations=np.array([header.orientation for header in headers], np.int32),
    )
    unusable = {index: header.problem for index, header in enumerate(headers) if header.problem}
    source = leave_out(source, unusable, on_error, "replace or delete the file, or save it again as a plain PNG.")
    grey = all(header.grey for header in headers if not header.problem)
    lengths = {(header.height, header.width) for header in headers if not header.problem}
    height, width = lengths.pop() if len(lengths) == 1 else (None, None)  # the size of all images, if there is one
    return dataclasses.replace(source, shape=(height, width, 1 if grey else 3))


def _listing(name: str, root: Path) -> tuple[list[Path], np.ndarray | None, tuple[str, ...] | None]:
    if not root.is_dir():
        problem = "The path is a file, not a folder." if root.is_file() else "There is no such folder."
        raise ValueError(explain(problem, received=name, expected="a folder with images", fix="check the path."))
    flat = _images(root, deep=False)
    folders = sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    by_class = {path.name: images for path in folders if (images := _images(path, deep=True))}
    if flat and by_class:
        raise ValueError(
            explain(
                f"{name} holds images and class subfolders side by side.",
                received=f"{len(flat)} images in the folder itself, and subfolders {', '.join(list(by_class)[:5])}",
                expected="images in subfolders only (labelled), or in the folder only (not labelled)",
                fix="move the loose images away, or into a subfolder of their own.",
            )
        )
    if not flat and not by_class:
        raise ValueError(
            explain(
                "The folder holds no images.",
                received=name,
                expected=f"files ending in {', '.join(SUFFIXES)}, flat or in one subfolder per class",
                fix="check the path.",
            )
        )
    if flat:
        return flat, None, None
    labels = [label for label, images in enumerate(by_class.values()) for _ in images]
    files = [image for images in by_class.values() for image in images]
    return files, np.array(labels, np.int32), tuple(by_class)


def _images(folder: Path, deep: bool) -> list[Path]:
    found = []
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if deep and not name.startswith(".")]
        images = (name for name in names if name.lower().endswith(SUFFIXES) and not name.startswith("."))
        found += [Path(parent, name) for name in images]
    return sorted(found)
