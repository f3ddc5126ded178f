"""The protocol of an adversarial loss: the game that the two players play."""

from tfgan_tricks.checks import explain
from tfgan_tricks.parts import Part
from tfgan_tricks.types import PLAYERS, Outputs, Player


class AdversarialLoss(Part):
    """What the discriminator and the generator minimise, as functions of the discriminator's logits.

    Real images are pushed up and generated ones down. Both methods take logits (no sigmoid) of any shape, scalar
    per image or a map of patches, and return named parts, each with one value per logit; the GAN takes the mean
    of each part, adds them up, and logs them as `<player>_<part>_loss`.

    Class attributes:
        pairwise: whether the generator's side reads the real logits too (relativistic losses).
        players: who is trained; a player that is not listed does not move, whatever the terms.
        boundary: the logit above which the critic calls an image real; `None` where the game fixes none.

    Example, the loss of one update in a loop of your own, where the mean and the sum are yours to take:

    >>> loss = tt.losses.adversarial.Hinge()
    >>> real, fake = np.array([[2.0], [0.5]], "float32"), np.array([[-0.5], [-3.0]], "float32")  # critic(images)
    >>> parts = loss.discriminator(real=real, fake=fake)
    >>> {name: float(keras.ops.mean(part)) for name, part in parts.items()}
    {'real': 0.25, 'fake': 0.25}
    >>> total = sum(keras.ops.mean(part) for part in parts.values())  # the scalar to differentiate
    >>> float(total)
    0.5
    >>> float(sum(keras.ops.mean(part) for part in loss.generator(fake=fake).values()))
    1.75
    """

    pairwise: bool = False
    players: tuple[Player, ...] = PLAYERS
    boundary: float | None = 0.0

    def __init__(self, **label_tricks):
        if label_tricks:
            raise TypeError(
                explain(
                    f"{type(self).__name__} has no targets that could be smoothed or flipped.",
                    received=", ".join(f"{name}={value!r}" for name, value in label_tricks.items()),
                    expected=f"{type(self).__name__}()",
                    fix="drop the argument, or use NonSaturating, Minimax or LeastSquares.",
                )
            )

    def read(self, outputs: Outputs) -> Outputs:
        """Returns a critic's outputs as this game reads them; "logits" must hold what is pushed up and down."""
        return outputs

    def split(self, fake):
        """Returns the generated images twice, for the critic and for the terms, in the generator's update.

        The values must stay; a loss that balances the two gradients does so here, on their way back.
        """
        return fake, fake

    def discriminator(self, *, real, fake, seed=None) -> dict:
        """Returns the parts of the discriminator's loss.

        Args:
            real: logits on real images, float32, any shape.
            fake: logits on generated images, float32, any shape.
            seed: where random label tricks take their numbers from.

        Returns:
            dict with "real" and "fake", each shaped like its logits, or with one entry "pair".
        """
        raise NotImplementedError(f"{type(self).__name__} must implement discriminator(real=, fake=, seed=).")

    def generator(self, *, real=None, fake, seed=None) -> dict:
        """Returns the parts of the generator's loss; `real` is given only to a pairwise loss."""
        raise NotImplementedError(f"{type(self).__name__} must implement generator(real=, fake=, seed=).")

    def report(self, *, real, fake) -> dict:
        """Returns scalars for the logs, by name, from the logits of the discriminator's update; nothing by default."""
        return {}
