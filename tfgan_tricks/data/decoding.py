"""One pass over a source that decodes every image: into memory, or only to see that it can be done."""

import dataclasses
import re

import numpy as np
import tensorflow as tf
from absl import logging

from tfgan_tricks.data.image_file import reader
from tfgan_tricks.data.source import Source, leave_out
from tfgan_tricks.data.transform import Transform, misfits

CHUNK = 1024  # images resized at once, for a source in memory
FIX_UNUSABLE = "replace or remove the image; for one that is too small, choose a lower resolution or pass upscale=True."


def decode_array(images: np.ndarray, transform: Transform) -> np.ndarray:
    """Returns images in memory transformed, uint8 [n, height, width, channels]."""
    if images.shape[1:] == transform.shape:
        return images
    chunks = [transform(tf.constant(images[i : i + CHUNK])).numpy() for i in range(0, len(images), CHUNK)]
    return np.concatenate(chunks)


def decode_all(source: Source, transform: Transform, on_error: str, upscale: bool | None, keep: bool) -> Source:
    """Decodes and transforms every image of a source of files or of a stream.

    Args:
        source: with `files` or `stream`.
        transform: what to do with each image.
        on_error: "raise" for the first image that cannot be decoded, or "skip".
        upscale: see `misfits`.
        keep: whether the result holds the images in memory; otherwise it holds the files that could be decoded.
    """
    logging.info("Decoding %d images of %s%s", source.count, source.name, "" if keep else " to check them")
    images = np.zeros((source.count if keep else 0, *transform.shape), np.uint8)
    labels = np.zeros(source.count, np.int32)
    sizes = np.zeros((source.count, 2), np.int32)
    unusable: dict[int, str] = {}
    elements = iter(_elements(source, transform))
    for index in range(source.count):
        try:
            image, labels[index], sizes[index] = next(elements)
        except tf.errors.OpError as error:  # the iterator goes on with the next image
            unusable[index] = f"cannot be decoded ({_reason(error)})"
            if on_error == "raise":
                break
            continue
        if keep:
            images[index] = image
    whole = source
    if source.stream is not None:
        if on_error == "skip" or not unusable:  # otherwise not all sizes are known, and one reason is enough
            found = misfits(dataclasses.replace(source, sizes=sizes), transform, upscale) | unusable
            unusable = dict(sorted(found.items()))
        whole = dataclasses.replace(source, stream=None, labels=labels if source.class_names else None)
    if keep:
        whole = dataclasses.replace(whole, images=images)
    whole = leave_out(whole, unusable, on_error, FIX_UNUSABLE)
    return dataclasses.replace(whole, files=None, sizes=None, shape=transform.shape) if keep else whole


def first_unreadable(source: Source, transform: Transform) -> str | None:
    """Returns which image of a source of files cannot be read any more and why; `None` if all can."""
    elements = iter(_elements(source, transform))
    for index in range(source.count):
        try:
            next(elements)
        except tf.errors.OpError as error:
            return f"{source.item(index)}: {_reason(error)}"
    return None


def _elements(source: Source, transform: Transform) -> tf.data.Dataset:
    if source.stream is not None:
        dataset = source.stream()
    else:
        read = reader(source)
        dataset = tf.data.Dataset.range(source.count).map(
            lambda index: (read(index), tf.constant(0)), num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
        )

    def transformed(image, label):
        return transform(image), label, tf.shape(image)[:2]

    return dataset.map(transformed, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True).prefetch(tf.data.AUTOTUNE)


def _reason(error: tf.errors.OpError) -> str:
    """Returns what an operation said, without the names of graph nodes around it."""
    text = error.message.split("\n")[0].split(" [Op:")[0]
    return re.sub(r"^.*Iterator::Root\S*: ", "", re.sub(r"\{\{.*?\}\} ?", "", text))
