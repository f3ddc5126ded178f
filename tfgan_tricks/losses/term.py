"""The protocol of a term: anything that is added to a player's adversarial loss."""

from keras import ops

from tfgan_tricks.checks import check_choice, check_integer
from tfgan_tricks.parts import Part
from tfgan_tricks.replicas import has_others
from tfgan_tricks.schedules.schedule import check_schedule, value_at
from tfgan_tricks.types import PLAYERS, Match, Player


def snake_case(name: str) -> str:
    """Returns a class name as a log name: `FeatureMatching` -> `feature_matching`, `WGANGP` -> `wgangp`."""
    words = "".join(f"_{c}" if c.isupper() and i and not name[i - 1].isupper() else c for i, c in enumerate(name))
    return words.lower()


class Term(Part):
    """Something added to a player's loss: a penalty, a reconstruction, a feature match.

    A subclass implements `call(match)` and returns one value per example (or a scalar) in any float type; this
    base class takes the float32 mean and applies the weight and the lazy interval. The value is logged under
    `name`, so two terms of one GAN need two names.

    Class attributes, to be set by a subclass:
        players: the players whose loss gets this term.
        needs_real: whether the term reads `match.real_out` in the generator's update too.
        reads_fake: whether its gradient reaches the generator through `match.fake` itself, not through the critic's
            outputs, other images or the weights alone; `GradientRatio` looks for such a term.
        reads_only_logits: whether it reads nothing of `match.fake_out` but "logits", if anything; what it asks
            `match.judge` does not matter. `OneStageGAN` is at its fastest if all terms are so.
        joins_replicas: whether `call` waits for the other replicas of a distributed training. It cannot do so inside a
            condition: with several of them, a lazy term is computed in each update, and used in each k-th.

    Args:
        weight: factor, a number or a schedule in images seen.
        every: lazy interval k: computed in each k-th update of the player only, and then multiplied by k, so
            that its average strength stays the same.
        name: name in the logs; the class name in snake case unless given.
    """

    players: tuple[Player, ...] = ("discriminator",)
    needs_real: bool = False
    reads_fake: bool = True
    reads_only_logits: bool = False
    joins_replicas: bool = False

    def __init__(self, weight=1.0, every: int = 1, name: str | None = None):
        check_schedule("weight", weight)
        check_integer("every", every, at_least=1)
        for player in self.players:
            check_choice("players", player, PLAYERS)
        self.weight = weight
        self.every = every
        self.name = name or snake_case(type(self).__name__)

    def call(self, match: Match):
        """Returns the unweighted value, one per example or a scalar."""
        raise NotImplementedError(f"{type(self).__name__} must implement call(match).")

    def __call__(self, match: Match):
        """Returns weight · every · mean(call(match)) in an update that is due, else 0, as a float32 scalar.

        Outside of training (`match.step` is `None`) the term is always computed, and not multiplied by `every`.
        """
        weight = value_at(self.weight, match.images_seen)
        if self.every == 1 or match.step is None:
            return weight * self._mean(match)
        due = ops.equal(match.step % self.every, 0)
        if not match.branches or (self.joins_replicas and has_others()):
            return ops.where(due, self.every * weight * self._mean(match), 0.0)
        value = ops.cond(due, lambda: self._mean(match), lambda: ops.zeros((), "float32"))
        return self.every * weight * value

    def _mean(self, match: Match):
        return ops.mean(ops.cast(self.call(match), "float32"))
