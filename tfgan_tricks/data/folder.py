"""A folder of image files, with or without class subfolders."""

import dataclasses
import os
from pathlib import Path

import numpy as np

from tfgan_tricks.checks import explain
from tfgan_tricks.data.image_file import SUFFIXES, read_header
from tfgan_tricks.data.local_path import expanded, shown
from tfgan_tricks.data.source import Source, leave_out


def open_folder(folder: str, on_error: str = "raise") -> Source:
    """Returns the images of a folder, in the order of their paths.

    Images in subfolders are labelled by the subfolder's place in the sorted list of names (images may lie deeper);
    images right in the folder have no labels. Only headers are read here: format, size, colour, orientation.
    Hidden files and files of other types are ignored. Links are followed to files and to the class subfolders
    themselves, and not further.

    Args:
        folder: path of the folder.
        on_error: "raise" for the first file that cannot be used, or "skip" to leave such files out and report them.
    """
    name = shown(f"folder:{folder}")
    files, labels, class_names = _listing(name, expanded(name, folder))
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
    try:
        flat = _images(root, deep=False)
        folders = sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
        by_class = {shown(path.name): images for path in folders if (images := _images(path, deep=True))}
    except OSError as error:  # a class that is left out in silence would renumber those behind it
        raise ValueError(
            explain(
                "A folder cannot be read.",
                received=f"{shown(str(error.filename))} ({error.strerror}), in {name}",
                expected="a folder of images with permission to read all of its subfolders",
                fix="change the permissions, or move that subfolder away.",
            )
        ) from error
    loops = [path for path in folders if path.is_symlink() and root.resolve().is_relative_to(path.resolve())]
    if loops:
        raise ValueError(
            explain(
                "A link leads back to the folder that it lies in.",
                received=f"{shown(str(loops[0]))} -> {shown(str(loops[0].resolve()))}",
                expected="subfolders, or links to folders elsewhere",
                fix="remove the link.",
            )
        )
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
    for parent, folders, names in os.walk(folder, onerror=_raise):
        folders[:] = [name for name in folders if deep and not name.startswith(".")]
        images = (name for name in names if name.lower().endswith(SUFFIXES) and not name.startswith("."))
        found += [Path(parent, name) for name in images]
    return sorted(found)


def _raise(error: OSError) -> None:
    raise error
