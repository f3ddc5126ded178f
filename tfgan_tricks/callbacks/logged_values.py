"""What callbacks have in common that measure something and add it to the logs."""

from tfgan_tricks.callbacks.periodic import Periodic


class LoggedValues(Periodic):
    """Adds `values` to the logs, for the callbacks after it; in between, the logs hold the values of the last time.

    A subclass fills `values`, a dict of numbers by name, in `act`.
    """

    adds_to_logs = True

    def on_train_begin(self, logs=None):
        self.values: dict[str, float] = {}
        super().on_train_begin(logs)

    def on_train_batch_end(self, batch, logs=None):
        super().on_train_batch_end(batch, logs)
        self._share(logs)

    def on_epoch_end(self, epoch, logs=None):
        super().on_epoch_end(epoch, logs)
        self._share(logs)

    def on_train_end(self, logs=None):
        super().on_train_end(logs)
        self._share(logs)

    def _share(self, logs) -> None:
        if logs is not None:
            logs.update(self.values)  # Keras hands one dict to all callbacks of a list, in their order
