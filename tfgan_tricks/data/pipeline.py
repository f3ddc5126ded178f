"""The input pipeline: one call from a URI to an endless stream of batches."""

import dataclasses

import numpy as np
import tensorflow as tf

from tfgan_tricks.checks import check_integer, check_range, explain
from tfgan_tricks.data.decoding import decode_all, decode_array
from tfgan_tricks.data.image_file import reader
from tfgan_tricks.data.order import Order
from tfgan_tricks.data.pixels import to_float
from tfgan_tricks.data.source import Source, check_on_error, leave_out
from tfgan_tricks.data.sources import open_source
from tfgan_tricks.data.transform import FIX_MISFIT, Transform, misfits, plan

CACHE_GIGABYTES = 1.0


def load(
    uri: str | Source,
    *,
    resolution: int | tuple[int, int] | None = None,
    channels: int | None = None,
    batch_size: int = 64,
    seed: int = 0,
    start: int = 0,
    shuffle: bool = True,
    flip: bool = False,
    crop: str = "center",
    upscale: bool | None = None,
    split: str = "train",
    on_error: str = "raise",
    cache_gigabytes: float = CACHE_GIGABYTES,
    verify: bool = True,
    download: bool = False,
) -> tf.data.Dataset:
    """Returns an endless stream of batches for training.

    Each element is a dict with `image`, float32 [batch, height, width, channels] in [-1, 1], and, where the source
    has labels, `label`, int32 [batch]. Which image comes when, and whether it is mirrored, is a pure function of
    (seed, position): every epoch is a permutation of all images, batches run on over the border of epochs, and
    `start=n` begins exactly where a run stopped after n images, whatever its batch size was.

    Images that fit into `cache_gigabytes` after resizing are decoded once, kept as uint8 and gathered in the graph.
    Files that do not fit are decoded in parallel each time. Images of a tensorflow-datasets set that does not fit
    are refused, because its files cannot be read at a position.

    Args:
        uri: a source's URI (see `open_source`), or a `Source`; `split` and `download` then have no say.
        resolution: side, or (height, width), in pixels; by default the size of the images, if all have the same.
        channels: 1 or 3; by default those of the source. Colour becomes grey by the weights of Rec. 601;
            transparency is laid on white.
        batch_size: images in a batch, over all replicas.
        seed: of order and mirroring, from 0 to 2⁶³ - 1.
        start: how many images of the stream have been used before.
        shuffle: whether each epoch has an order of its own.
        flip: whether to mirror each image left to right with probability 1/2.
        crop: "center" keeps the largest centred part with the proportions of `resolution`; "none" demands images of
            exactly that size.
        upscale: whether images smaller than `resolution` may be enlarged. By default files may not, and data sets
            of one known size may.
        split: which part of the data.
        on_error: "raise" for the first image that cannot be used (corrupt, too small, too large), or "skip" to leave
            such images out and report them.
        cache_gigabytes: how much memory the decoded images may take.
        verify: whether files that do not fit into memory are all decoded once before training, so that a corrupt
            one is named at once and not met in the middle. `False` checks headers only.
        download: let tensorflow-datasets fetch data that are not on this machine.

    Returns:
        A `tf.data.Dataset` of unlimited length: `fit` needs `steps_per_epoch`.

    Example:

    >>> dataset = tfgan_tricks.data.load("digits", resolution=16, batch_size=32)
    >>> tfgan_tricks.data.describe(dataset)
    'batches of image float32 32x16x16x1, label int32 32'
    """
    check_batch_size(batch_size)
    check_integer("seed", seed, at_least=0)
    check_range("seed", seed, high=2**63 - 1)
    check_integer("start", start, at_least=0)
    check_on_error(on_error)
    check_range("cache_gigabytes", cache_gigabytes, low=0.0)
    source = uri if isinstance(uri, Source) else open_source(uri, split=split, on_error=on_error, download=download)
    transform = plan(source, resolution, channels, crop)
    source = prepare(source, transform, upscale=upscale, on_error=on_error, gigabytes=cache_gigabytes, verify=verify)
    order = Order(source.count, seed, shuffle)
    with tf.device("CPU:0"):
        labels = None if source.labels is None else tf.constant(source.labels)
    if source.shape == transform.shape and source.images is not None:
        dataset = _gathered(source.images, order, start, batch_size)
    else:
        dataset = _decoded(source, transform, order, start, batch_size)

    def finish(images, positions):
        if flip:
            mirrored = order.mirrored(positions)[:, None, None, None]
            images = tf.where(mirrored, tf.reverse(images, [2]), images)
        batch = {"image": to_float(images)}  # [batch, height, width, channels]
        return batch if labels is None else batch | {"label": tf.gather(labels, order.indices(positions))}

    dataset = dataset.map(finish, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    options = tf.data.Options()
    # Batches are global: each worker takes its part of every batch, rather than files of its own.
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
    return dataset.prefetch(tf.data.AUTOTUNE).with_options(options)


def prepare(
    source: Source, transform: Transform, *, upscale: bool | None, on_error: str, gigabytes: float, verify: bool
) -> Source:
    """Returns the source without images that cannot be used, in memory if the transformed images fit into it."""
    if source.stream is None:
        source = leave_out(source, misfits(source, transform, upscale), on_error, FIX_MISFIT)
    needed = source.count * np.prod(transform.shape) / 1e9
    if source.images is not None:
        if needed > gigabytes:
            return source
        return dataclasses.replace(source, images=decode_array(source.images, transform), shape=transform.shape)
    if needed <= gigabytes:
        return decode_all(source, transform, on_error, upscale, keep=True)
    if source.stream is not None:
        raise ValueError(
            explain(
                f"{source.name} does not fit into memory, and cannot be read in random order from disk.",
                received=f"{source.count:,} images of {transform.shape}: {needed:.2f} GB, cache_gigabytes={gigabytes}",
                expected=f"cache_gigabytes of {needed:.2f} or more, or files",
                fix="raise cache_gigabytes, lower the resolution, or export the images to files and use folder:DIR.",
            )
        )
    return decode_all(source, transform, on_error, upscale, keep=False) if verify else source


def _gathered(pixels: np.ndarray, order: Order, start: int, batch_size: int) -> tf.data.Dataset:
    """Batches of (images, positions) from an array: one gather per batch."""
    with tf.device("CPU:0"):  # captured by the graph of the pipeline, not written into it
        images = tf.constant(pixels)  # [count, height, width, channels]

    def gather(first):
        positions = first + tf.range(batch_size, dtype=tf.int64)
        return tf.gather(images, order.indices(positions)), positions

    firsts = tf.data.Dataset.counter(start, batch_size)
    return firsts.map(gather, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)


def _decoded(source: Source, transform: Transform, order: Order, start: int, batch_size: int) -> tf.data.Dataset:
    """Batches of (images, positions) that are read and transformed one by one, in parallel."""
    read = reader(source)

    def decode(position):
        return transform(read(order.indices(position))), position

    decoded = tf.data.Dataset.counter(start).map(decode, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    return decoded.batch(batch_size, drop_remainder=True)


def check_batch_size(batch_size: int) -> None:
    """Raises `ValueError` unless a batch can be shared out among the replicas."""
    check_integer("batch_size", batch_size, at_least=1)
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    if batch_size % replicas:
        raise ValueError(
            explain(
                "The batch cannot be divided among the replicas.",
                received=f"batch_size={batch_size} for {replicas} replicas",
                expected=f"a multiple of {replicas}",
                fix=f"pass batch_size={batch_size + replicas - batch_size % replicas}.",
            )
        )
