"""One TensorBoard writer per folder: TensorBoard follows only one growing file in each."""

import contextlib
import functools
from collections.abc import Iterator
from pathlib import Path

import tensorflow as tf

from tfgan_tricks.checks import explain
from tfgan_tricks.files import WriteError, prepare_directory


def summary_writer(log_dir: str | Path):
    """Returns the writer for a folder, the same for all callbacks of a process that share it.

    Raises:
        WriteError: if nothing can be written there.
    """
    return _writer(prepare_directory(log_dir).resolve())


@functools.cache
def _writer(log_dir: Path):
    return tf.summary.create_file_writer(str(log_dir))


@contextlib.contextmanager
def summaries(writer) -> Iterator[None]:
    """Within the block TensorFlow's summaries go to a writer; they are on the disk at its end.

    Raises:
        WriteError: if they cannot be written.
    """
    try:
        with writer.as_default():
            yield
        writer.flush()
    except tf.errors.OpError as error:
        raise WriteError(
            explain(
                "TensorBoard's events could not be written.",
                received=str(error.message).splitlines()[0],
                expected="a folder that is there, with permission to write and free space",
                fix="free space, and run again; what was saved before is still valid.",
            )
        ) from error
