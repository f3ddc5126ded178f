"""What advice is, for the rules that give it."""

import dataclasses

import keras


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


def layers_of(gan, player: str) -> list[keras.layers.Layer]:
    """Returns all layers of a player's networks, also those inside others."""
    return [layer for network in gan.networks_of(player) for layer in network._flatten_layers(include_self=False)]
