"""The base of terms that compare pairs of images that the task hands out."""

from tfgan_tricks.checks import check_choice, explain
from tfgan_tricks.losses.reading import aux_of, check_alike, difference, per_example
from tfgan_tricks.losses.term import Term
from tfgan_tricks.types import Match


class ImagePairs(Term):
    """A term of the generator: the distance of the images of each pair in `match.aux`, summed over the pairs.

    A subclass names the entry of `aux` in `key`.
    """

    players = ("generator",)
    reads_fake = False
    reads_only_logits = True
    key = ""

    def __init__(self, loss: str = "l1", weight=1.0, every: int = 1, name: str | None = None):
        check_choice("loss", loss, ("l1", "l2"))
        super().__init__(weight=weight, every=every, name=name)
        self.loss = loss

    def call(self, match: Match):
        pairs = aux_of(self, match, self.key)
        if not isinstance(pairs, list | tuple) or not all(isinstance(p, list | tuple) and len(p) == 2 for p in pairs):
            raise ValueError(
                explain(
                    f"{type(self).__name__} takes pairs of images.",
                    received=f"aux[{self.key!r}] of type {type(pairs).__name__}",
                    expected="a list of pairs (image, image), one pair or more",
                    fix=f"put one pair into a list too: aux={{{self.key!r}: [(one, other)]}}.",
                )
            )
        total = 0.0
        for one, other in pairs:
            check_alike(self, one, other, "the images of a pair")
            total += per_example(difference(self.loss, one, other))
        return total
