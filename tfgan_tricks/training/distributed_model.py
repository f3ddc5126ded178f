"""What Keras' own `fit` lacks for a custom step under `tf.distribute`."""

from collections.abc import Sequence

import keras
import tensorflow as tf
from absl import logging

from tfgan_tricks.distribution.roles import is_chief
from tfgan_tricks.training.logs import for_workers


class DistributedModel(keras.Model):
    """A model that `fit` can train under any strategy, one of several workers included."""

    @property
    def replicas(self) -> int:
        """Number of replicas that train in sync."""
        return tf.distribute.get_strategy().num_replicas_in_sync

    @property
    def is_chief(self) -> bool:
        """Whether this process is the one that writes files: the only one, or the first of several workers."""
        return is_chief(getattr(self, "distribute_strategy", None))  # only TensorFlow's models have one

    def fit(self, x=None, *args, callbacks=None, **kwargs):
        """Trains; see `keras.Model.fit`. Of several workers, those that are not the chief leave out callbacks that
        only write, whose `chief_only` is true."""
        if isinstance(callbacks, Sequence) and not self.is_chief:
            callbacks = [callback for callback in callbacks if not getattr(callback, "chief_only", False)]
        if isinstance(callbacks, Sequence):
            _warn_of_order(callbacks)
        return super().fit(x, *args, callbacks=callbacks, **kwargs)

    def _maybe_symbolic_build(self, *args, **kwargs) -> None:
        """Does nothing: networks and optimizers are built. Keras would trace a step, and fails on a dict of batches
        with several workers."""

    def get_metrics_result(self):
        return for_workers(super().get_metrics_result())


def _warn_of_order(callbacks: Sequence) -> None:
    """Warns of callbacks that add values to the logs after one that writes them: Keras calls them in their order."""
    writers: list[str] = []
    for callback in callbacks:
        if getattr(callback, "adds_to_logs", False) and writers:
            name, before = type(callback).__name__, " and ".join(writers)
            logging.warning("What %s measures is not written by %s: put %s before.", name, before, name)
        if getattr(callback, "writes_logs", False):
            writers.append(type(callback).__name__)
