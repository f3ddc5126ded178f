"""The generator's gradient has gone to zero while the critic tells real from generated images."""

from tfgan_tricks.checks import check_integer, check_range
from tfgan_tricks.diagnostics.detector import Detector
from tfgan_tricks.diagnostics.finding import Finding, Remedy
from tfgan_tricks.diagnostics.game import separation, streak, together
from tfgan_tricks.diagnostics.remedies import lower_rate

NORM = "generator_gradient_norm"
LOSSES = {
    "NonSaturating": "that does not saturate where the critic is sure",
    "Hinge": "whose slope in the generated logits is the same everywhere",
}


class VanishingGradient(Detector):
    """Finds a generator that has nothing to learn from, though its images are told apart.

    The norm of its gradient must be small by itself and tiny beside the largest one of a single step, and the critic
    must separate real from generated images: where it does not, a small gradient may as well mean that all is learned.

    It measures `separation` (share of pairs of a real and a generated logit in which the real one is higher).

    **Source**: Arjovsky and Bottou, 2017, arXiv:1701.04862, theorem 2.4; Goodfellow et al., 2014, arXiv:1406.2661,
    section 3, on log(1 - D(G(z))), which "saturates".

    **Differs from the paper**: thresholds on logged means.

    Args:
        norm: of the generator's gradient, below which it may have vanished.
        share: of the largest norm, below which it has.
        separation: from which on the critic tells real from generated; chance is 1/2, and 1 is without error. Where
            there are no real images, its accuracy is held to the same.
        looks: how many looks in a row must agree for a serious finding; the first is a warning.

    **Cost**: of the shared `Look.inference`; sorting its logits.

    **Combines badly with**: a generator whose output layer is scaled by hand, so that its norms are small from the
    start: set `norm`.

    Example:

    >>> norms = (2.0, 0.9, 1e-3, 1e-4, 2e-5)
    >>> values = [{"generator_gradient_norm": norm, "separation": 1.0} for norm in norms]
    >>> looks = tuple(tt.diagnostics.Snapshot(1_000 * i, v) for i, v in enumerate(values))
    >>> [finding.severity for finding in tt.diagnostics.VanishingGradient()(tt.diagnostics.Window(looks))]
    ['serious']
    """

    name = "vanishing_gradient"

    def __init__(self, norm: float = 0.01, share: float = 0.01, separation: float = 0.95, looks: int = 3):
        check_range("norm", norm, low=0.0, low_open=True)
        check_range("share", share, low=0.0, high=1.0, low_open=True)
        check_range("separation", separation, low=0.5, high=1.0)
        check_integer("looks", looks, at_least=1)
        self.norm = norm
        self.share = share
        self.separation = separation
        self.looks = looks

    def measure(self, look):
        return separation(look)

    def __call__(self, window):
        witness = "discriminator_accuracy" if window.last("separation") is None else "separation"
        if witness == "discriminator_accuracy" and window.facts.get("boundary") is None:
            return []
        norms, separated = together(window, NORM, witness).T
        largest = max([*window.values(NORM), *window.values(f"{NORM}_max")], default=0.0)
        gone = (norms <= self.norm) & (norms <= self.share * largest) & (separated >= self.separation)
        count = streak(gone)
        if not count:
            return []
        ranked = f"The critic ranks {separated[-1]:.1%} of pairs of a real and a generated image correctly."
        right = f"The critic is right about {separated[-1]:.1%} of all images."
        return [
            Finding(
                name=self.name,
                severity="serious" if count >= self.looks else "warning",
                evidence=(
                    f"At {window.images:,} images the norm of the generator's gradient is {max(norms[-1], 0.0):.2g}; "
                    f"the largest was {largest:.3g}.",
                    ranked if witness == "separation" else right,
                    f"It was so at the last {count} looks." if count > 1 else "It was not so at the look before.",
                ),
                meaning="The critic is sure of itself, and nothing of that reaches the generator: its loss is flat, or"
                " its own outputs are saturated. It will not learn any more, however long the training goes on.",
                remedies=(
                    *[
                        Remedy(f"Try a loss {why}.", f"--config.loss='{loss}()'")
                        for loss, why in LOSSES.items()
                        if loss != window.facts.get("loss")
                    ],
                    Remedy("Penalise the critic's slope at real images.", "--config.terms='(\"R1(gamma=1.0)\",)'"),
                    Remedy("Blur the difference with noise.", "--config.inputs='(\"InstanceNoise(0.1)\",)'"),
                    *lower_rate(window, "discriminator"),
                    Remedy("A generator whose outputs are saturated seldom comes back: begin anew, at a lower rate."),
                ),
                source="Arjovsky and Bottou, 2017, arXiv:1701.04862, theorem 2.4",
                player="generator",
            )
        ]
