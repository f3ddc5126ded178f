"""What a step reports: running means over an epoch, one per quantity."""

from collections.abc import Sequence

import keras
import tensorflow as tf
from keras import ops

from tfgan_tricks.checks import explain
from tfgan_tricks.inputs.input_transform import InputTransform
from tfgan_tricks.losses.adversarial.adversarial_loss import AdversarialLoss
from tfgan_tricks.losses.term import Term
from tfgan_tricks.randomness import SeedStream
from tfgan_tricks.types import PLAYERS, Player

SCORES = (
    "real_logits",
    "fake_logits",
    "real_probability",
    "fake_probability",
    "discriminator_accuracy",
    "fooled_share",
)


class Logs:
    """The metrics of a GAN, made at compile time so that no variable is created inside a graph.

    * `<player>_loss`: everything that the player minimises.
    * `<player>_<part>_loss`: the adversarial parts of it.
    * a term's own name: its weighted value (`generator_<name>` for the second player of a term with two).
    * `real_logits`, `fake_logits` and their sigmoids `real_probability` = D(x), `fake_probability` = D(G(z)), and
      `discriminator_accuracy`: share of logits on their right side of the loss's
      boundary (0 where it fixes none, and the share then says little), and `fooled_share`: share of generated ones
      above it, all as the discriminator's update saw them.
    * what the loss and the input transforms themselves report of that update.
    * `<player>_gradient_norm`: norm over all the player's variables, before clipping; the mean over replicas.

    Of a player that does not move, nothing is logged.
    """

    def __init__(
        self,
        loss: AdversarialLoss,
        terms: tuple[Term, ...],
        inputs: Sequence[keras.Layer] = (),
        players: Sequence[Player] = PLAYERS,
        gradients: bool = True,
    ):
        names = [f"{player}_loss" for player in players]
        zero = {"real": ops.zeros((1, 1)), "fake": ops.zeros((1, 1)), "seed": SeedStream.from_integer(0)}
        for player in players:
            names += [f"{player}_{part}_loss" for part in getattr(loss, player)(**zero)]
        self._inputs = [transform for transform in inputs if isinstance(transform, InputTransform)]
        if "discriminator" in players:
            names += SCORES
            names += loss.report(real=zero["real"], fake=zero["fake"])
            names += [name for transform in self._inputs for name in transform.report()]
        owners: dict[str, object] = dict.fromkeys(names, "the losses")
        for term in terms:
            for player in (player for player in term.players if player in players):
                name = term_name(player, term)
                if name in owners:
                    raise ValueError(
                        explain(
                            f"Two quantities would be logged as '{name}'.",
                            received=f"{owners[name]} and {term}",
                            expected="a name of its own for each term",
                            fix=f"pass name='...' to {type(term).__name__}.",
                        )
                    )
                owners[name] = term
        self._loss = loss
        self.gradient_names = [f"{player}_gradient_norm" for player in players if gradients]
        self._means = {name: keras.metrics.Mean(name=name) for name in [*owners, *self.gradient_names]}

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """All metrics, for Keras to reset at the start of an epoch."""
        return list(self._means.values())

    def result(self, gradients: bool = True) -> dict:
        """Returns the running means by name, optionally without the gradient norms."""
        skipped = () if gradients else self.gradient_names
        return for_workers({name: mean.result() for name, mean in self._means.items() if name not in skipped})

    def track_parts(self, player: Player, parts: dict, logits: dict):
        """Logs the adversarial parts, and in the discriminator's turn the logits; returns the sum of the parts."""
        total = 0.0
        for name, part in parts.items():
            value = ops.mean(part)
            self._means[f"{player}_{name}_loss"].update_state(value)
            total += value
        if player == "discriminator":
            self._track_scores(**logits)
            for report in (self._loss.report(**logits), *(transform.report() for transform in self._inputs)):
                for name, value in report.items():
                    self._means[name].update_state(_whole(value))
        return total

    def track_term(self, player: Player, term: Term, value):
        """Logs a term's weighted value and returns it."""
        self._means[term_name(player, term)].update_state(_whole(value))
        return value

    def track_total(self, player: Player, value) -> None:
        """Logs all that a player minimises."""
        self._means[f"{player}_loss"].update_state(_whole(value))

    def track_gradients(self, player: Player, gradients, optimizer, factor: float) -> None:
        """Logs the norm of a player's gradient, freed from `factor` and loss scale that the loss was multiplied by.

        Where the loss is scaled, an overflow is expected and skipped by the optimizer, so it is not logged.
        """
        norm = tf.linalg.global_norm(gradients) / optimizer.scale_loss(tf.constant(factor))
        scaled = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
        finite = tf.math.is_finite(norm)
        known = tf.where(finite, norm, 0.0) if scaled else norm
        weight = tf.cast(finite, tf.float32) if scaled else None
        self._means[f"{player}_gradient_norm"].update_state(known, sample_weight=weight)

    def _track_scores(self, real, fake) -> None:
        boundary = self._loss.boundary or 0.0
        right = ops.concatenate([ops.reshape(real > boundary, (-1,)), ops.reshape(fake < boundary, (-1,))])
        values = (
            ops.mean(real),
            ops.mean(fake),
            ops.mean(ops.sigmoid(real)),
            ops.mean(ops.sigmoid(fake)),
            ops.mean(ops.cast(right, "float32")),
            ops.mean(ops.cast(fake > boundary, "float32")),
        )
        for name, value in zip(SCORES, values, strict=True):
            self._means[name].update_state(value)


class Unlogged:
    """Stands in for `Logs` where a loss is computed that nobody is to see, such as that of a virtual step."""

    def track_parts(self, player: Player, parts: dict, logits: dict):
        """Returns the sum of the parts."""
        return sum(ops.mean(part) for part in parts.values())

    def track_term(self, player: Player, term: Term, value):
        """Returns a term's weighted value."""
        return value

    def track_total(self, player: Player, value) -> None:
        """Does nothing."""


def _whole(value):
    """Returns a scalar that is added to a mean as a whole, in one and the same way each time a step is traced.

    If it is a sum itself, TensorFlow's graph optimizer joins both additions in some traces and not in others: the last
    digit of the mean then differs between a run and its continuation.
    """
    if isinstance(value, keras.Variable):  # of a loss; `convert_to_tensor` leaves it as it is, and `stack` fails on it
        value = value.value
    return ops.max(ops.stack([value, value]))


def for_workers(logs: dict) -> dict:
    """Returns what a step logs as Keras can reduce it: over several workers it takes means along the first axis, which
    a scalar does not have."""
    several = isinstance(tf.distribute.get_strategy(), tf.distribute.MultiWorkerMirroredStrategy)
    if not several or tf.distribute.in_cross_replica_context():
        return logs
    return {name: tf.reshape(value, (1,)) for name, value in logs.items()}


def term_name(player: Player, term: Term) -> str:
    """Returns the name under which a term is logged for one of its players."""
    return term.name if player == term.players[0] else f"{player}_{term.name}"
