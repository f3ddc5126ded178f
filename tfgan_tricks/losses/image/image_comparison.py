"""The base of terms that compare a generated image with the one it should be."""

from tfgan_tricks.losses.reading import aux_of, check_alike
from tfgan_tricks.losses.term import Term
from tfgan_tricks.types import Match


class ImageComparison(Term):
    """A term of the generator that compares `match.fake`, or other images that were made, with `match.aux["target"]`.

    A subclass implements `compare(fake, target)`. It may take `key`, the name of an entry of aux to compare in place
    of `match.fake`.
    """

    players = ("generator",)
    key: str | None = None
    reads_only_logits = True

    def compare(self, fake, target):
        """Returns one value per pair of images, [n]."""
        raise NotImplementedError(f"{type(self).__name__} must implement compare(fake, target).")

    def call(self, match: Match):
        target = aux_of(self, match, "target")
        made = match.fake if self.key is None else aux_of(self, match, self.key)
        check_alike(self, made, target, "a generated image and its target")
        return self.compare(made, target)
