"""What Keras' own `fit` lacks for a custom step under `tf.distribute`."""

import contextlib
from collections.abc import Sequence

import keras
import tensorflow as tf
from absl import logging

from tfgan_tricks.checks import check_integer
from tfgan_tricks.distribution.roles import is_chief
from tfgan_tricks.training.logs import for_workers

# Where a training was cut short.
WITHIN_EPOCH, AFTER_EPOCH = "within an epoch", "after an epoch"


class DistributedModel(keras.Model):
    """A model that `fit` can train under any strategy, one of several workers included, and go on training.

    Attributes:
        interrupted: empty, or where the last training was cut short by a callback (`GracefulStop`).
        begun_steps: steps that the present epoch had before the first batch of this training.
        goes_on: whether another `fit` follows at once.
    """

    interrupted: str = ""
    begun_steps: int = 0
    goes_on: bool = False
    _epoch_goes_on: bool = False

    @property
    def replicas(self) -> int:
        """Number of replicas that train in sync."""
        return tf.distribute.get_strategy().num_replicas_in_sync

    @property
    def is_chief(self) -> bool:
        """Whether this process is the one that writes files: the only one, or the first of several workers."""
        return is_chief(getattr(self, "distribute_strategy", None))  # only TensorFlow's models have one

    @property
    def ends_early(self) -> bool:
        """Whether the end of this `fit` is not the end of the training."""
        return self.goes_on or bool(self.interrupted)

    def fit(self, x=None, *args, callbacks=None, begun_steps: int = 0, goes_on: bool = False, **kwargs):
        """Trains; see `keras.Model.fit`. Of several workers, those that are not the chief leave out callbacks that
        only write, whose `chief_only` is true. A callback that is a context manager is entered for as long.

        Args:
            begun_steps: steps of the first epoch that were done before, by a model that was saved within it. The
                epoch's means, which are saved with it, go on; `steps_per_epoch` and `epochs` are those of the rest.
            goes_on: whether another `fit` goes on where this one ends. What callbacks do at the end of a training is
                left to that one.
        """
        check_integer("begun_steps", begun_steps, at_least=0)
        if isinstance(callbacks, Sequence) and not self.is_chief:
            callbacks = [callback for callback in callbacks if not getattr(callback, "chief_only", False)]
        if isinstance(callbacks, Sequence):
            _warn_of_order(callbacks)
        self.interrupted, self.goes_on = "", goes_on
        self.begun_steps, self._epoch_goes_on = begun_steps, begun_steps > 0
        with contextlib.ExitStack() as stack:
            for callback in callbacks if isinstance(callbacks, Sequence) else ():
                if isinstance(callback, contextlib.AbstractContextManager):
                    stack.enter_context(callback)
            return super().fit(x, *args, callbacks=callbacks, **kwargs)

    def reset_metrics(self) -> None:
        """Begins the means of an epoch, unless this one was begun before."""
        if self._epoch_goes_on:
            self._epoch_goes_on = False
            return
        self.begun_steps = 0
        super().reset_metrics()

    def _should_eval(self, epoch, validation_freq):
        """Not in an epoch that was cut short: held-out losses belong to its end, and would reset its means."""
        return self.interrupted != WITHIN_EPOCH and super()._should_eval(epoch, validation_freq)

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
