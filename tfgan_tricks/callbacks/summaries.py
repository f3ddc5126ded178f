"""One TensorBoard writer per folder: TensorBoard follows only one growing file in each."""

import functools
from pathlib import Path

import tensorflow as tf

from tfgan_tricks.files import prepare_directory


def summary_writer(log_dir: str | Path):
    """Returns the writer for a folder, the same for all callbacks of a process that share it.

    Raises:
        WriteError: if nothing can be written there.
    """
    return _writer(prepare_directory(log_dir).resolve())


@functools.cache
def _writer(log_dir: Path):
    return tf.summary.create_file_writer(str(log_dir))
