"""What is said when memory does not suffice."""

import contextlib
from collections.abc import Iterator

import tensorflow as tf

from tfgan_tricks.checks import explain


@contextlib.contextmanager
def exhausted_memory_told() -> Iterator[None]:
    """Turns the errors that Python and TensorFlow raise for want of memory into one clear message.

    Where TensorFlow gets no memory for its own bookkeeping it ends the process without an error; nothing can be said
    then.

    Raises:
        MemoryError: in place of either.
    """
    try:
        yield
    except (MemoryError, tf.errors.ResourceExhaustedError) as error:
        lines = str(getattr(error, "message", error)).strip().splitlines()
        said = [line for line in lines if "OOM" in line] or lines
        raise MemoryError(
            explain(
                "Memory is exhausted.",
                received=f"{type(error).__name__}" + (f": {said[0][:300]}" if said else ""),
                expected="memory for the networks, their optimizers and one batch through them",
                fix="lower batch_size, resolution or the widths of the networks, or let other programs end. What was"
                " saved stays: a run whose machine was short of memory goes on with the same command.",
            )
        ) from error
