"""Data outside training: as arrays, and in words."""

from typing import cast

import numpy as np
import tensorflow as tf

from tfgan_tricks.checks import check_integer
from tfgan_tricks.data.order import Order
from tfgan_tricks.data.pipeline import prepare
from tfgan_tricks.data.source import Source
from tfgan_tricks.data.sources import open_source
from tfgan_tricks.data.transform import plan

SHOWN = 5  # class names in a description


def arrays(
    uri: str | Source,
    resolution: int | tuple[int, int] | None = None,
    channels: int | None = None,
    limit: int | None = None,
    *,
    crop: str = "center",
    upscale: bool | None = None,
    split: str = "train",
    on_error: str = "raise",
    download: bool = False,
) -> tuple[np.ndarray, np.ndarray | None]:
    """Returns real images and their labels in memory, for evaluation; the images are those that `load` trains on.

    Args:
        uri: a source's URI (see `open_source`), or a `Source`.
        resolution: as in `load`.
        channels: as in `load`.
        limit: how many images at most, chosen at random but always the same ones; by default all, in their order.
        crop: as in `load`.
        upscale: as in `load`.
        split: which part of the data.
        on_error: as in `load`.
        download: as in `load`.

    Returns:
        uint8 [n, height, width, channels], and int32 [n] or `None`.

    Example:

    >>> images, labels = tfgan_tricks.data.arrays("digits", limit=100)
    >>> images.shape, labels.shape
    ((100, 8, 8, 1), (100,))
    """
    source = uri if isinstance(uri, Source) else open_source(uri, split=split, on_error=on_error, download=download)
    transform = plan(source, resolution, channels, crop)

    def limited(source: Source) -> Source:
        if limit is None or source.stream is not None or source.count <= limit:
            return source
        return source.select(Order(source.count, seed=0).indices(tf.range(limit, dtype=tf.int64)).numpy())

    if limit is not None:
        check_integer("limit", limit, at_least=1)
    everything = float("inf")
    source = prepare(limited(source), transform, upscale=upscale, on_error=on_error, gigabytes=everything, verify=True)
    source = limited(source)
    return cast(np.ndarray, source.images), source.labels


def describe(data: Source | tf.data.Dataset) -> str:
    """Returns one line on a source, or on the batches of a dataset.

    Args:
        data: a source from `open_source`, or a dataset.

    Example:

    >>> tfgan_tricks.data.describe(tfgan_tricks.data.open_source("digits"))
    'digits: 1,797 images of 8x8x1 (height x width x channels), 10 classes (0, 1, 2, 3, 4, …)'
    """
    if isinstance(data, tf.data.Dataset):
        spec = data.element_spec
        parts = spec.items() if isinstance(spec, dict) else [("", part) for part in tf.nest.flatten(spec)]
        texts = [f"{key} {part.dtype.name} {_lengths(part.shape)}".strip() for key, part in parts]
        return f"batches of {', '.join(texts)}"
    text = f"{data.name}: {data.count:,} images of {_lengths(data.shape)} (height x width x channels)"
    if data.classes is None:
        text += ", no labels"
    else:
        names = data.class_names or tuple(str(label) for label in range(data.classes))
        shown = ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")
        text += f", {data.classes} {'class' if data.classes == 1 else 'classes'} ({shown})"
    return text + (f", {len(data.skipped):,} skipped" if data.skipped else "")


def _lengths(shape) -> str:
    return "x".join("?" if length is None else str(length) for length in shape)
