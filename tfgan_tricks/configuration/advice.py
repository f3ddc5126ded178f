"""What advice is, for the rules that give it."""

import dataclasses

import keras

from tfgan_tricks.losses.adversarial import AdversarialLoss, Relativistic
from tfgan_tricks.losses.adversarial.wrapped_loss import WrappedLoss


@dataclasses.dataclass(frozen=True)
class Advice:
    """Something to consider before training.

    Attributes:
        parties: the parts that do not get along, as the user named them.
        reason: what happens.
        fix: what to do instead.
        source: who found it.
    """

    parties: tuple[str, ...]
    reason: str
    fix: str
    source: str

    def __str__(self) -> str:
        return f"{' with '.join(self.parties)}: {self.reason} {self.fix} (Source: {self.source}.)"


def games_of(gan) -> list[AdversarialLoss]:
    """Returns the loss and what it wraps, down to a relativistic one, which makes another game of its base."""
    games = [gan.adversarial_loss]
    while isinstance(games[-1], WrappedLoss) and not isinstance(games[-1], Relativistic):
        games.append(games[-1].base)
    return games


def layers_of(gan, player: str) -> list[keras.layers.Layer]:
    """Returns all layers of a player's networks, also those inside others."""
    return [layer for network in gan.networks_of(player) for layer in network._flatten_layers(include_self=False)]
