"""The batches of a step: unpacked, cut into parts, and checked before the first one."""

from collections.abc import Mapping, Sequence

import keras
import tensorflow as tf

from tfgan_tricks.checks import explain
from tfgan_tricks.inputs.input_transform import group_of
from tfgan_tricks.types import Batch


def unpack(gan, data) -> Batch:
    """Returns the batch of a step, checked against the task."""
    batch, _, _ = keras.utils.unpack_x_y_sample_weight(data)
    gan.task.check_batch(batch)
    return batch


def split(batch: Batch, parts: int) -> Sequence[Batch]:
    """Returns the batch cut into equal parts along its first axis."""
    if parts == 1:
        return [batch]
    pieces = {key: tf.split(value, parts) for key, value in batch.items()}
    return [{key: piece[part] for key, piece in pieces.items()} for part in range(parts)]


def check_data(gan, data, batch_size: int | None, critic_steps: int) -> None:
    """Raises, before anything is traced, unless each batch can be shared out evenly.

    Parts of different sizes would weigh the same in a mean, and an empty one would make it NaN.

    Args:
        gan: the GAN that is to train on the data, or to be evaluated.
        data: a `tf.data.Dataset` of batches, or a dict of arrays; anything else passes unchecked.
        batch_size: of arrays; Keras' own default unless given.
        critic_steps: parts that each batch is cut into.
    """
    group, strategy = group_of(getattr(gan, "input_transforms", ())), getattr(gan, "distribute_strategy", None)
    replicas = strategy.num_replicas_in_sync if strategy else 1  # only TensorFlow's models have one
    unit = critic_steps * replicas * group
    if isinstance(data, tf.data.Dataset):
        spec = data.element_spec
        batch = spec[0] if isinstance(spec, tuple) else spec
        gan.task.check_batch(batch)
        sizes = {batch["image"].shape[0]}
    elif isinstance(data, Mapping):
        gan.task.check_batch(data)
        n, size = len(data["image"]), batch_size or 32
        sizes = {min(n, size), n % size or size}
    else:
        return
    if unit > 1 and any(size is None or size % unit for size in sizes):
        known = " and ".join(str(size) for size in sorted(sizes)) if None not in sizes else "no fixed number of"
        raise ValueError(
            explain(
                "The batches cannot be shared out evenly.",
                received=f"batches of {known} images",
                expected=f"a multiple of {unit} = {critic_steps} critic steps x {replicas} replicas x packs of {group}",
                fix=f"batch by a multiple of {unit}, and leave out the rest: dataset.batch(..., drop_remainder=True).",
            )
        )
