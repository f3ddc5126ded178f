"""What a source of images is, and what happens to those that cannot be used."""

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf
from absl import logging

from tfgan_tricks.checks import check_choice, explain
from tfgan_tricks.data.local_path import shown

SKIP = (
    'leave such images out with on_error="skip"; in a shell --on_error skip for folders that are evaluated,'
    " --config.data.on_error=skip for a training"
)
NAMED_SKIPS = 5  # how many skipped images a warning names


@dataclasses.dataclass(frozen=True, eq=False)
class Source:
    """A fixed, ordered collection of images. It holds them in exactly one of three ways.

    Attributes:
        name: the URI that it was opened with.
        count: number of images.
        shape: (height, width, channels); height and width are `None` where images differ.
        labels: int32 [count], or `None` where there are none or where they come with `stream`.
        class_names: name of each class by label, where the source knows them.
        images: uint8 [count, height, width, channels], for a source that is in memory.
        files: path of each image, for a source that is decoded file by file.
        stream: function returning a dataset of (image, label or -1) in a fixed order, for a source that can only
            be read from its beginning.
        sizes: int32 [count, 2], height and width of each image, where they differ.
        orientations: int32 [count], EXIF orientation (1 to 8) of each file.
        skipped: what was left out because it could not be used, one text per image.
    """

    name: str
    count: int
    shape: tuple[int | None, int | None, int]
    labels: np.ndarray | None = dataclasses.field(default=None, repr=False)
    class_names: tuple[str, ...] | None = None
    images: np.ndarray | None = dataclasses.field(default=None, repr=False)
    files: tuple[str, ...] | None = dataclasses.field(default=None, repr=False)
    stream: Callable[[], tf.data.Dataset] | None = dataclasses.field(default=None, repr=False)
    sizes: np.ndarray | None = dataclasses.field(default=None, repr=False)
    orientations: np.ndarray | None = dataclasses.field(default=None, repr=False)
    skipped: tuple[str, ...] = dataclasses.field(default=(), repr=False)

    @property
    def uniform(self) -> bool:
        """Whether all images have the same size."""
        return None not in self.shape

    @property
    def classes(self) -> int | None:
        """Number of classes, or `None` if the images have no labels."""
        if self.class_names is not None:
            return len(self.class_names)
        return None if self.labels is None else int(self.labels.max()) + 1

    def item(self, index: int) -> str:
        """Returns what to call one image in a message: its path, or its position."""
        return shown(self.files[index]) if self.files else f"image {index} of {self.name}"

    def select(self, indices: Sequence[int] | np.ndarray) -> "Source":
        """Returns the source of the images at `indices`, in that order; not for a stream."""
        chosen = np.asarray(indices, dtype=np.int64)

        def take(array: np.ndarray | None) -> np.ndarray | None:
            return None if array is None else array[chosen]

        return dataclasses.replace(
            self,
            count=len(chosen),
            labels=take(self.labels),
            images=take(self.images),
            files=None if self.files is None else tuple(self.files[index] for index in chosen),
            sizes=take(self.sizes),
            orientations=take(self.orientations),
        )


def check_on_error(on_error: str) -> None:
    """Raises `ValueError` unless `on_error` is "raise" or "skip"."""
    check_choice("on_error", on_error, ("raise", "skip"))


def refuse(source: Source, unusable: dict[int, str], on_error: str, fix: str) -> np.ndarray:
    """Raises for the first unusable image, or reports all of them and returns the indices of the others.

    Args:
        source: where the images are.
        unusable: reason by index, in order of index.
        on_error: "raise" or "skip".
        fix: how to fix the first of them.
    """
    texts = [f"{source.item(index)}: {reason}" for index, reason in unusable.items()]
    if unusable and (on_error == "raise" or len(unusable) == source.count):
        more = f" ({len(texts) - 1:,} more like it)" if len(texts) > 1 else ""
        problem = f"No image of {source.name} can be used." if len(texts) == source.count > 1 else "Unusable image."
        skip = "" if on_error == "skip" else f" Or {SKIP}."
        raise ValueError(
            explain(problem, received=texts[0] + more, expected="images that can be decoded and used", fix=fix + skip)
        )
    if unusable:
        shown = "; ".join(texts[:NAMED_SKIPS]) + ("; …" if len(texts) > NAMED_SKIPS else "")
        logging.warning("Skipped %d of %d images of %s: %s", len(texts), source.count, source.name, shown)
    return np.setdiff1d(np.arange(source.count), np.fromiter(unusable, dtype=np.int64, count=len(unusable)))


def leave_out(source: Source, unusable: dict[int, str], on_error: str, fix: str) -> Source:
    """Returns the source without its unusable images (see `refuse`), remembering what was left out."""
    if not unusable:
        return source
    kept = refuse(source, unusable, on_error, fix)
    texts = tuple(f"{source.item(index)}: {reason}" for index, reason in unusable.items())
    return dataclasses.replace(source.select(kept), skipped=source.skipped + texts)
