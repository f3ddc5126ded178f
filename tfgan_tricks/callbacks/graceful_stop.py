"""An end to training that loses nothing: when the process is asked to end, or when its time is up."""

import signal
import threading
import time
from types import FrameType

import keras
import tensorflow as tf
from absl import logging

from tfgan_tricks.checks import check_range
from tfgan_tricks.distribution.agreement import any_worker
from tfgan_tricks.training.distributed_model import AFTER_EPOCH, WITHIN_EPOCH

SIGNALS = (signal.SIGTERM, signal.SIGINT)
LOOK_EVERY = 10  # steps between two questions to the other workers


class GracefulStop(keras.callbacks.Callback):
    """Ends training after the present step when the process is told to end, or after so many minutes.

    Schedulers send SIGTERM some seconds before they take a machine away; Ctrl-C sends SIGINT. Training then ends with
    a checkpoint by `Checkpointing`, in the middle of an epoch too, and `fit` returns. What the other callbacks do at
    the end of an epoch is left to the continued run, so that both parts together leave the files of one run that was
    never stopped. A second signal ends the process at once.

    Signals are caught while `fit` runs, or in a `with` block of this object around it, in the main thread alone:
    elsewhere only the minutes count. Several workers stop after the same step; they ask each other every ten steps.

    Args:
        max_minutes: of wall-clock time since this object was made; no limit unless given.

    Attributes:
        reason: why training was stopped, such as "SIGTERM"; `None` unless it was.

    **Cost**: none that can be measured; of several workers, one number exchanged every ten steps.

    **Combines badly with**: data of unknown length without `steps_per_epoch`: a stop at the very last step of an epoch
    is then taken for one before it.

    Example:

    >>> callback = tt.callbacks.GracefulStop(max_minutes=55.0)
    >>> # gan.fit(dataset, epochs=10, callbacks=[tt.callbacks.Checkpointing("checkpoints"), callback])
    """

    def __init__(self, max_minutes: float | None = None):
        super().__init__()
        if max_minutes is not None:
            check_range("max_minutes", max_minutes, low=0.0)
        self.max_minutes = max_minutes
        self.reason: str | None = None
        self._begun = time.monotonic()  # a clock that nobody sets
        self._asked: str | None = None
        self._depth = 0
        self._handlers: dict = {}

    def __enter__(self):
        self._depth += 1
        if self._depth == 1 and threading.current_thread() is threading.main_thread():
            self._handlers = {number: signal.signal(number, self._on_signal) for number in SIGNALS}
        return self

    def __exit__(self, *_) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._give_back()

    def on_train_batch_end(self, batch, logs=None):
        steps = (self.params or {}).get("steps")
        # At the last step of an epoch the others still have to do what belongs to its end.
        if batch + 1 != steps and (not self._several() or batch % LOOK_EVERY == LOOK_EVERY - 1):
            self._stop_if_asked(WITHIN_EPOCH)

    def on_epoch_end(self, epoch, logs=None):
        last = epoch + 1 == (self.params or {}).get("epochs") and not self.model.goes_on
        if not self.model.interrupted and not last:
            self._stop_if_asked(AFTER_EPOCH)

    def _stop_if_asked(self, where: str) -> None:
        reason = self._asked
        if self.max_minutes is not None and time.monotonic() - self._begun >= 60.0 * self.max_minutes:
            reason = reason or f"max_minutes={self.max_minutes:g}"
        if self._several() and any_worker(self.model.distribute_strategy, reason is not None):
            reason = reason or "another worker"
        if reason:
            logging.info("Training stops: %s.", reason)
            self.reason = reason
            self.model.interrupted = where
            self.model.stop_training = True

    def _several(self) -> bool:
        strategy = getattr(self.model, "distribute_strategy", None)
        return isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._asked = signal.Signals(number).name
        self._give_back()  # a second one ends the process

    def _give_back(self) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._handlers = {}
