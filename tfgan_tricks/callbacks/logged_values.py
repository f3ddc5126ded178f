"""What callbacks have in common that measure something and add it to the logs."""

from tfgan_tricks.callbacks.periodic import Periodic, images_seen
from tfgan_tricks.distribution.sharing import from_chief


class LoggedValues(Periodic):
    """Adds `values` to the logs, for the callbacks after it; in between, the logs hold the values of the last time.

    A subclass fills `values`, a dict of numbers by name, in `act`. Of several workers the chief does so and tells the
    others, so that callbacks that decide by these values decide alike on all.

    Args:
        every_images: images between two calls, at least 1; after each epoch unless given.
        across_workers: whether the other workers learn the values. If so, each of them must have this callback too.
    """

    adds_to_logs = True

    def __init__(self, every_images: int | None = None, across_workers: bool = True):
        super().__init__(every_images)
        self.across_workers = across_workers

    @property
    def chief_only(self) -> bool:  # type: ignore[override]
        """Whether one of several workers is enough."""
        return not self.across_workers

    def on_train_begin(self, logs=None):
        self.values: dict[str, float] = {}
        if self.model.is_chief:
            super().on_train_begin(logs)
        self.last = images_seen(self.model)
        self._tell()  # a continued run has values from before

    def on_train_batch_end(self, batch, logs=None):
        super().on_train_batch_end(batch, logs)
        self._share(logs)

    def on_epoch_end(self, epoch, logs=None):
        super().on_epoch_end(epoch, logs)
        self._share(logs)

    def on_train_end(self, logs=None):
        super().on_train_end(logs)
        self._share(logs)

    def _act(self, images: int, logs) -> None:
        if self.model.is_chief:
            super()._act(images, logs)
        self.last = images
        self._tell()

    def _tell(self) -> None:
        strategy = getattr(self.model, "distribute_strategy", None)  # only TensorFlow's models have one
        if self.across_workers and strategy is not None:
            self.values = from_chief(strategy, self.values)

    def _share(self, logs) -> None:
        if logs is not None:
            logs.update(self.values)  # Keras hands one dict to all callbacks of a list, in their order
