"""The discriminator tells real from generated images without error, and the generator learns nothing."""

import numpy as np

from tfgan_tricks.checks import check_integer, check_range
from tfgan_tricks.diagnostics.detector import Detector
from tfgan_tricks.diagnostics.finding import Finding, Remedy
from tfgan_tricks.diagnostics.remedies import lower_rate
from tfgan_tricks.diagnostics.window import Window


class DiscriminatorWon(Detector):
    """Finds a discriminator whose loss has gone to its zero while its accuracy went to one.

    The loss counts as gone where it is below a share of what a critic pays that answers 0 to everything (2 log 2 for
    the non-saturating loss, 2 for the hinge). Losses that have no such value, or that fix no boundary between real and
    generated, are not judged: a Wasserstein critic that separates everything is doing its work.

    **Source**: Arjovsky and Bottou, 2017, arXiv:1701.04862, theorem 2.4: the generator's gradient vanishes as the
    discriminator becomes perfect; "D loss goes to 0: failure mode" in Chintala et al., 2016, "How to Train a GAN?".

    **Differs from the paper**: thresholds on logged means.

    Args:
        accuracy: of the discriminator on both sides, at which it has won.
        loss_share: of the indifferent critic's loss, below which the discriminator's has gone to its zero.
        looks: how many looks in a row must agree for a serious finding; the first is a warning.

    **Cost**: none.

    **Combines badly with**: label smoothing and flipping, under which the loss never goes to 0: accuracy alone decides
    nothing.

    Example:

    >>> facts = {"boundary": 0.0, "indifferent": {"discriminator": 1.386}}
    >>> values = {"discriminator_accuracy": 1.0, "discriminator_real_loss": 0.001, "discriminator_fake_loss": 0.002}
    >>> looks = tuple(tt.diagnostics.Snapshot(images, values) for images in (1_000, 2_000, 3_000))
    >>> [finding.severity for finding in tt.diagnostics.DiscriminatorWon()(tt.diagnostics.Window(looks, facts))]
    ['serious']
    """

    name = "discriminator_won"

    def __init__(self, accuracy: float = 0.99, loss_share: float = 0.05, looks: int = 3):
        check_range("accuracy", accuracy, low=0.5, high=1.0)
        check_range("loss_share", loss_share, low=0.0, high=1.0)
        check_integer("looks", looks, at_least=1)
        self.accuracy = accuracy
        self.loss_share = loss_share
        self.looks = looks

    def __call__(self, window):
        indifferent = window.facts.get("indifferent", {}).get("discriminator", 0.0)
        if window.facts.get("boundary") is None or indifferent <= 0.0:
            return []
        accuracy = window.values("discriminator_accuracy", self.looks)
        loss = adversarial_loss(window)[-self.looks :]
        length = min(len(accuracy), len(loss))
        if not length or window.last("discriminator_accuracy") is None:
            return []
        won = (accuracy[-length:] >= self.accuracy) & (loss[-length:] <= self.loss_share * indifferent)
        if not won[-1]:
            return []
        lasting = length == self.looks and won.all()
        return [
            Finding(
                name=self.name,
                severity="serious" if lasting else "warning",
                evidence=(
                    f"At {window.images:,} images the discriminator is right about {accuracy[-1]:.1%} of all images.",
                    f"Its adversarial loss is {loss[-1]:.3g}; a critic that knows nothing pays {indifferent:.3g}.",
                    f"It was so at the last {self.looks} looks." if lasting else "It was not so at the looks before.",
                ),
                meaning="The discriminator has won: it tells real from generated images without error, so whatever the"
                " generator does changes the loss by almost nothing, and it gets no direction to learn from.",
                remedies=(
                    Remedy("Penalise the critic's slope at real images.", "--config.terms='(\"R1(gamma=1.0)\",)'"),
                    Remedy("Blur the difference with noise.", "--config.inputs='(\"InstanceNoise(0.1)\",)'"),
                    *lower_rate(window, "discriminator"),
                    Remedy("Augment what the critic sees, if data are few.", "--config.inputs='(\"DiffAugment()\",)'"),
                    Remedy("Choose a loss whose slope does not vanish.", "--config.loss='Hinge()'"),
                ),
                source="Arjovsky and Bottou, 2017, arXiv:1701.04862, theorem 2.4",
                player="discriminator",
            )
        ]


def adversarial_loss(window: Window, player: str = "discriminator") -> np.ndarray:
    """Returns the sum of a player's adversarial parts at each look that has them, without terms."""
    parts = [n for n in window.names(f"{player}_") if n.endswith("_loss") and n != f"{player}_loss"]
    looks = [s.values for s in window.snapshots if parts and all(part in s.values for part in parts)]
    return np.asarray([sum(values[part] for part in parts) for values in looks], "float64")
