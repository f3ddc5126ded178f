"""What losses, terms and input transforms have besides their formula: a state that moves, partners they refuse."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import keras

from tfgan_tricks.serialization import Configurable
from tfgan_tricks.types import Match


@dataclasses.dataclass(frozen=True)
class Partners:
    """Everything that one GAN is compiled from, for a part to look at before it agrees to work with the others.

    Attributes:
        task: the `Task`.
        loss: the `AdversarialLoss`.
        terms: the `Term`s.
        inputs: the input transforms.
        critic_steps: discriminator updates per generator update.
        weight_constraint: constraint of the critic's weights, or `None`.
    """

    task: Any
    loss: Any
    terms: Sequence[Any] = ()
    inputs: Sequence[Any] = ()
    critic_steps: int = 1
    weight_constraint: Any = None


class Observer:
    """A part of the objective that may follow training and may refuse partners; by itself it does neither."""

    def check_partners(self, partners: Partners) -> None:
        """Raises `ValueError` if this part cannot work with the others; called by `GAN.compile`."""

    def observe(self, match: Match) -> None:
        """Moves this part's state; called once after each training update, of either player, for each match.

        `match.player` says whose update it was. It is never called inside a condition, and never in `test_step`. What
        it moves must come out the same on all replicas: see `replicas.mean_over_replicas`.
        """


class Part(Configurable, Observer):
    """Base of losses and terms: settings with a formula, and with variables if they have a memory.

    A part with a memory creates `keras.Variable`s in `prepare`, lists them in `variables`, reads them in its formula,
    and moves them in `observe`. The GAN saves them with itself. They are created with
    `aggregation="only_first_replica"`, as `observe` computes the same value on each replica.
    """

    task: Any = None  # the one that the variables belong to, once a GAN is compiled

    def prepare(self, task: Any) -> None:
        """Creates the variables, if any, and looks up the networks; called by `GAN.compile`, under its strategy."""

    @property
    def variables(self) -> list[keras.Variable]:
        """What a continued run needs of this part."""
        return []
