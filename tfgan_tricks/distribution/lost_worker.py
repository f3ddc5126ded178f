"""What the other workers say when one of them is gone."""

import contextlib
from collections.abc import Iterator

import tensorflow as tf

from tfgan_tricks.checks import explain

GONE = (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError, tf.errors.DeadlineExceededError)


class LostWorkerError(ConnectionError):
    """Another worker of this training is gone."""


@contextlib.contextmanager
def lost_workers_told(strategy: tf.distribute.Strategy) -> Iterator[None]:
    """Turns what TensorFlow raises when a worker does not answer any more into one clear message.

    Args:
        strategy: that is trained under; with one that has one worker, errors pass as they are.

    Raises:
        LostWorkerError: in place of TensorFlow's errors of collective operations.
    """
    try:
        yield
    except GONE as error:
        if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
            raise
        raise LostWorkerError(
            explain(
                "Another worker of this training is gone, or cannot be reached.",
                received=f"{type(error).__name__}: {str(error.message).splitlines()[0][:300]}",
                expected="all workers, until training ends",
                fix="look at that worker's log, and start all workers again with the same command: the training goes on"
                " from its last checkpoint.",
            )
        ) from error
