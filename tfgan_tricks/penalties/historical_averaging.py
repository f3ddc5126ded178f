"""Historical averaging of the parameters."""

import keras
from keras import ops

from tfgan_tricks.losses.term import Term
from tfgan_tricks.types import PLAYERS, Match


@keras.saving.register_keras_serializable("tfgan_tricks")
class HistoricalAveraging(Term):
    """Pulls each player's parameters towards their average over all its past updates: ‖θ - (1/t) Σ θᵢ‖².

    A damping borrowed from fictitious play: it lets the players settle at equilibria of games in which plain gradient
    descent goes round in circles. Not to be confused with averaging the generator for sampling, which leaves the game
    alone.

    **Source**: Salimans et al., 2016, arXiv:1606.03498, section 3.3.

    **Differs from the paper**: no; θᵢ are the parameters after each of the player's updates, and the initial ones.

    Args:
        weight: factor, a number or a schedule in images seen.
        every: lazy interval.
        name: name in the logs; the generator's is logged as `generator_<name>`.

    Call arguments:
        match: the completed `Match`; it says whose turn it is, and only the networks that `prepare` found are read.

    Output shape: `call` returns a scalar, the sum over all trainable weights of the player.

    **Cost**: memory for one more copy of all trainable weights.

    **Combines badly with**: large weights late in training: the average of a long history moves slowly.

    Example:

    >>> tfgan_tricks.penalties.HistoricalAveraging(weight=0.1)
    HistoricalAveraging(weight=0.1, every=1, name='historical_averaging')
    """

    players = ("discriminator", "generator")
    reads_fake = False
    reads_only_logits = True

    def __init__(self, weight=1.0, every: int = 1, name: str | None = None):
        super().__init__(weight=weight, every=every, name=name)
        self._weights: dict = {}
        self._means: dict = {}
        self._counts: dict = {}

    @property
    def variables(self):
        return [*self._counts.values(), *(mean for means in self._means.values() for mean in means)]

    def prepare(self, task):
        def memory(value, name):
            arguments = {"dtype": "float32", "trainable": False, "aggregation": "only_first_replica"}
            return keras.Variable(ops.copy(ops.cast(value, "float32")), name=name, **arguments)  # not the same buffer

        for player in PLAYERS:
            networks = task.networks_of(player)
            self._weights[player] = [weight for network in networks for weight in network.trainable_variables]
            self._means[player] = [memory(weight, f"mean_{i}") for i, weight in enumerate(self._weights[player])]
            self._counts[player] = memory(1.0, f"{player}_count")  # the initial weights are the first of the history

    def call(self, match: Match):
        pairs = zip(self._weights[match.player], self._means[match.player], strict=True)
        distances = [ops.sum(ops.square(ops.cast(weight, "float32") - mean)) for weight, mean in pairs]
        return sum(distances, ops.zeros((), "float32"))

    def observe(self, match: Match):
        count = self._counts[match.player]
        count.assign_add(1.0)
        for weight, mean in zip(self._weights[match.player], self._means[match.player], strict=True):
            mean.assign(mean + (ops.cast(weight, "float32") - mean) / count)
