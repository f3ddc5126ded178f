"""A loss around another one."""

from tfgan_tricks.losses.adversarial.adversarial_loss import AdversarialLoss


def innermost(loss: AdversarialLoss) -> AdversarialLoss:
    """Returns the loss that all wrappers are around, or the loss itself."""
    while isinstance(loss, WrappedLoss):
        loss = loss.base
    return loss


class WrappedLoss(AdversarialLoss):
    """What is not overridden is the base's: how outputs are read, its memory, its partners, its logs.

    A subclass takes `base` and calls `super().__init__(base)`.
    """

    def __init__(self, base: AdversarialLoss):
        self.base = base
        self.players = base.players
        self.boundary = base.boundary

    def read(self, outputs):
        return self.base.read(outputs)

    def split(self, fake):
        return self.base.split(fake)

    def discriminator(self, *, real, fake, seed=None) -> dict:
        return self.base.discriminator(real=real, fake=fake, seed=seed)

    def generator(self, *, real=None, fake, seed=None) -> dict:
        return self.base.generator(real=real, fake=fake, seed=seed)

    def report(self, *, real, fake) -> dict:
        return self.base.report(real=real, fake=fake)

    def prepare(self, task) -> None:
        self.base.prepare(task)

    @property
    def variables(self):
        return self.base.variables

    def check_partners(self, partners) -> None:
        self.base.check_partners(partners)

    def observe(self, match) -> None:
        self.base.observe(match)
