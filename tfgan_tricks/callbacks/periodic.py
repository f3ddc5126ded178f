"""What all callbacks have in common that do something every so many images."""

import time
from collections import deque

import keras

from tfgan_tricks.checks import check_integer, explain
from tfgan_tricks.training.distributed_model import WITHIN_EPOCH


class Periodic(keras.callbacks.Callback):
    """Calls `act` after each epoch or every `every_images` images, and once more when training ends.

    Whether it is time depends on the images seen alone, so that a resumed run acts where the uninterrupted one would.
    For the same reason it does not act at the end of an epoch, or of a training, that was cut short by `GracefulStop`.
    A subclass implements `start` and `act`.

    Args:
        every_images: images between two calls, at least 1; after each epoch unless given.

    Class attributes:
        chief_only: whether one of several workers is enough, because nothing in the training depends on it.
        adds_to_logs: whether it adds values to the logs, for the callbacks after it.
        writes_logs: whether it writes the logs; `fit` warns of callbacks after it that add to them.
        when_interrupted: whether it acts also where training is cut short.
    """

    chief_only: bool = True
    adds_to_logs: bool = False
    writes_logs: bool = False
    when_interrupted: bool = False

    def __init__(self, every_images: int | None = None):
        super().__init__()
        if every_images is not None:
            check_integer("every_images", every_images, at_least=1)
        self.every_images = every_images

    def start(self, images: int) -> None:
        """Prepares, at `images` images seen, before the first step."""

    def act(self, images: int, logs: dict) -> None:
        """Does what the callback is for, at `images` images seen."""
        raise NotImplementedError(f"{type(self).__name__} must implement act(images, logs).")

    def on_train_begin(self, logs=None):
        self.last = images_seen(self.model)
        self.start(self.last)

    def on_train_batch_end(self, batch, logs=None):
        if self.every_images is not None:
            images = images_seen(self.model)
            if images // self.every_images > self.last // self.every_images:
                self._act(images, logs)

    def on_epoch_end(self, epoch, logs=None):
        whole = getattr(self.model, "interrupted", "") != WITHIN_EPOCH
        if self.every_images is None and (whole or self.when_interrupted):
            self._act(images_seen(self.model), logs)

    def on_train_end(self, logs=None):
        images = images_seen(self.model)
        if images != self.last and (self.when_interrupted or not getattr(self.model, "ends_early", False)):
            self._act(images, logs)

    def _act(self, images: int, logs) -> None:
        self.last = images
        self.act(images, dict(logs or {}))


class Speed:
    """Images per second by the wall clock, from marks set while training goes.

    The first mark is to be set after the first step, which builds the graph.

    Args:
        marks: over how many of the last marks the speed is taken.
    """

    def __init__(self, marks: int = 1) -> None:
        self.begun = time.perf_counter()
        self.marks: deque[tuple[float, int]] = deque(maxlen=marks)

    @property
    def started(self) -> bool:
        """Whether there is anything to measure from."""
        return bool(self.marks)

    def mark(self, images: int) -> None:
        """Sets a mark at `images` images seen."""
        self.marks.append((time.perf_counter(), images))

    def rate(self, images: int) -> float | None:
        """Returns the images per second since the oldest mark, `None` if nothing was timed."""
        if not self.marks or images == self.marks[0][1]:
            return None
        then, before = self.marks[0]
        return (images - before) / (time.perf_counter() - then)

    def seconds(self) -> float:
        """Returns the seconds since training began, the first step included."""
        return time.perf_counter() - self.begun


def images_seen(gan: keras.Model) -> int:
    """Returns the images that a GAN has been trained on, also under a distribution strategy."""
    counter = getattr(gan, "images_seen", None)
    if counter is None:
        raise TypeError(
            explain(
                "This callback counts time in images seen, which the model does not.",
                received=f"a {type(gan).__name__}",
                expected="a model with the variable `images_seen`",
                fix="train a tfgan_tricks.training.GAN.",
            )
        )
    if hasattr(gan, "jax_state_sync"):
        gan.jax_state_sync()  # on JAX, within an epoch, the model's variables hold nothing unless asked
    return int(counter.numpy())
