"""An end to training that has broken down."""

import math

import keras

from tfgan_tricks.callbacks.periodic import images_seen
from tfgan_tricks.checks import check_integer, explain
from tfgan_tricks.training.logs import SCORES, term_name
from tfgan_tricks.types import PLAYERS

SCORE, PART, TERM, TOTAL, GRADIENT = range(5)  # within one update, in this order
UNKNOWN = (len(PLAYERS), 0)


class NonFiniteError(ArithmeticError):
    """Training produced a value that is not finite."""


class StopOnNonFinite(keras.callbacks.Callback):
    """Stops as soon as a logged quantity is NaN or infinite, and says which was the first.

    One such value ruins all weights within a step or two. Within a step the quantities are searched in the order in
    which they are computed: the discriminator's logits, the parts of its loss, its terms, its whole loss, the norm of
    its gradient, then the same for the generator. Training stops, the other callbacks end the epoch (`Checkpointing`
    saves nothing), and when they are done `NonFiniteError` is raised.

    Put it last in the list of callbacks: those after it miss the end of training.

    Args:
        every: steps between two looks, at least 1. All logs are means over the epoch so far, which stay not finite,
            so that a rarer look finds the same values later; but a discriminator's NaN is then the generator's as
            well, and of two terms of one player it cannot tell which was first.

    **Cost**: less than 0.1 ms per look.

    **Combines badly with**: nothing known.

    Example:

    >>> callback = tt.callbacks.StopOnNonFinite()
    >>> # gan.fit(dataset, epochs=10, callbacks=[callback])
    """

    def __init__(self, every: int = 1):
        super().__init__()
        check_integer("every", every, at_least=1)
        self.every = every

    def on_train_begin(self, logs=None):
        self.first_bad: str | None = None
        self.value = 0.0
        self.images = self.step = self.looked = 0

    def on_train_batch_end(self, batch, logs=None):
        if self.first_bad is None:
            self.step = batch + 1
            if self.step - self.looked >= self.every:
                self._look(logs)

    def on_epoch_begin(self, epoch, logs=None):
        self.looked = 0

    def on_epoch_end(self, epoch, logs=None):
        if self.first_bad is None:
            self._look(logs)

    def on_train_end(self, logs=None):
        if self.first_bad is not None:
            raise NonFiniteError(
                explain(
                    f"Training has broken down: '{self.first_bad}' is not finite.",
                    received=f"{self.first_bad}={self.value} after {self.images:,} images, step {self.step} of"
                    " its epoch",
                    expected="finite values",
                    fix="lower the learning rate of the player named, or its loss' weights, or clip its gradients;"
                    " the last good checkpoint was kept.",
                )
            )

    def _look(self, logs) -> None:
        self.looked = self.step
        bad = first_non_finite(self.model, logs or {})
        if bad is not None:
            self.first_bad, self.value, self.images = bad, float(logs[bad]), images_seen(self.model)
            self.model.stop_training = True


def first_non_finite(gan: keras.Model, logs: dict) -> str | None:
    """Returns the name of the logged quantity that is not finite and was computed first, `None` if all are finite.

    Args:
        gan: the model whose logs these are.
        logs: numbers by name; those of a validation ("val_...") do not count.
    """
    bad = [name for name, value in logs.items() if not name.startswith("val_") and not math.isfinite(float(value))]
    if not bad:
        return None
    terms = {
        term_name(player, term): (i, TERM)
        for i, player in enumerate(PLAYERS)
        for term in getattr(gan, "terms", ())
        if player in term.players
    }
    listed = [metric.name for metric in gan.metrics]  # parts and terms in their own order

    def order(name: str) -> tuple[tuple[int, int], int]:
        return terms.get(name) or _turn(name), listed.index(name) if name in listed else len(listed)

    return min(bad, key=order)


def _turn(name: str) -> tuple[int, int]:
    """Returns when within a step a quantity is computed: the player's turn, and where in it."""
    if name in SCORES:
        return PLAYERS.index("discriminator"), SCORE
    for i, player in enumerate(PLAYERS):
        if name == f"{player}_gradient_norm":
            return i, GRADIENT
        if name == f"{player}_loss":
            return i, TOTAL
        if name.startswith(f"{player}_") and name.endswith("_loss"):
            return i, PART
    return UNKNOWN
