"""An end to training that has broken down."""

import math

import keras

from tfgan_tricks.callbacks.periodic import images_seen
from tfgan_tricks.checks import explain
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

    Put it last in the list of callbacks: those after it miss the end of training. The logs are means over all updates
    since the epoch began. Where several updates of a player lie between two looks (`critic_steps` or
    `steps_per_execution` above 1), what the first bad update computed last may have spoiled what the next one
    computes first; the message therefore lists everything that is not finite.

    **Cost**: below 0.1 ms per step.

    **Combines badly with**: nothing known.

    Example:

    >>> callback = tt.callbacks.StopOnNonFinite()
    >>> # gan.fit(dataset, epochs=10, callbacks=[callback])
    """

    def on_train_begin(self, logs=None):
        self.bad: list[str] = []
        self.images = self.step = 0

    def on_train_batch_end(self, batch, logs=None):
        bad = non_finite(self.model, logs or {})
        if bad and not self.bad:
            step = getattr(self.model, "begun_steps", 0) + batch + 1
            self.bad, self.images, self.step = bad, images_seen(self.model), step
            self.model.stop_training = True

    def on_train_end(self, logs=None):
        if self.bad:
            first, *others = self.bad
            raise NonFiniteError(
                explain(
                    f"Training has broken down: '{first}' is not finite.",
                    received=f"NaN or infinity at {self.images:,} images, step {self.step} of its epoch, in {first}"
                    + (f", then {', '.join(others)}" if others else ""),
                    expected="finite values",
                    fix="lower the learning rate of the player or the weight of the term, or clip gradients;"
                    " checkpoints from before, if there are any, are good.",
                )
            )


def non_finite(gan: keras.Model, logs: dict) -> list[str]:
    """Returns the names of the logged quantities that are not finite, in the order in which a step computes them.

    Args:
        gan: the model whose logs these are.
        logs: numbers by name; those of a validation ("val_...") do not count.
    """
    bad = [name for name, value in logs.items() if not name.startswith("val_") and not math.isfinite(float(value))]
    if not bad:
        return []
    terms = {
        term_name(player, term): (i, TERM)
        for i, player in enumerate(PLAYERS)
        for term in getattr(gan, "terms", ())
        if player in term.players
    }
    listed = [metric.name for metric in gan.metrics]  # parts and terms in their own order

    def order(name: str) -> tuple[tuple[int, int], int]:
        return terms.get(name) or _turn(name), listed.index(name) if name in listed else len(listed)

    return sorted(bad, key=order)


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
