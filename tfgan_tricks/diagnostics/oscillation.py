"""The players chase each other in circles."""

import numpy as np

from tfgan_tricks.checks import check_integer, check_range
from tfgan_tricks.diagnostics.detector import Detector
from tfgan_tricks.diagnostics.finding import Finding, Remedy
from tfgan_tricks.diagnostics.game import pixel_distance, together
from tfgan_tricks.diagnostics.remedies import lower_rate
from tfgan_tricks.diagnostics.window import Window
from tfgan_tricks.types import PLAYERS

LOSS = "discriminator_loss"


class Oscillation(Detector):
    """Finds losses that swing from look to look, do not calm down, and bring the images no nearer to the data.

    The discriminator's loss at the last looks, less a straight line through them, is a swing if it crosses zero often
    enough and deviates widely in each half of these looks: so the one wave of a training that begins does not count.
    The measure is what a critic pays that answers 0 to everything; losses without such a value are not judged. Swings
    that go with steady progress are worth a warning only.

    It measures `pixel_distance` (of each pixel's mean and deviation, over that of the data from their mean image).

    **Source**: Mescheder et al., 2018, arXiv:1801.04406, section 2, on rotation around the equilibrium; Gidel et al.,
    2019, arXiv:1807.04740, on momentum, which worsens it.

    **Differs from the paper**: the loss of a whole GAN stands for the parameters of a small one.

    Args:
        swing: deviation of the loss in each half of the looks, as a share of what the indifferent critic pays.
        crossings: how often the loss must cross its line.
        looks: how many of the last looks are read.
        progress: factor by which the distance to the data must have fallen from one half to the other to be progress.

    **Cost**: of the shared `Look.inference`; means and deviations of its images.

    **Combines badly with**: swings that are faster than the looks, of which the deviation within a span is shown as
    evidence only; few looks.

    Example:

    >>> losses = (0.3, 1.5, 2.2, 0.9, 0.2, 1.0, 2.3, 1.1, 0.2, 0.8, 2.1, 1.2)
    >>> values = [{"discriminator_loss": loss} for loss in losses]
    >>> looks = tuple(tt.diagnostics.Snapshot(1_000 * i, v) for i, v in enumerate(values))
    >>> window = tt.diagnostics.Window(looks, {"indifferent": {"discriminator": 1.386}})
    >>> [finding.severity for finding in tt.diagnostics.Oscillation()(window)]
    ['serious']
    """

    name = "oscillation"

    def __init__(self, swing: float = 0.2, crossings: int = 3, looks: int = 12, progress: float = 0.9):
        check_range("swing", swing, low=0.0, low_open=True)
        check_integer("crossings", crossings, at_least=1)
        check_integer("looks", looks, at_least=6)
        check_range("progress", progress, low=0.0, high=1.0)
        self.swing = swing
        self.crossings = crossings
        self.looks = looks
        self.progress = progress

    def measure(self, look):
        return pixel_distance(look)

    def __call__(self, window):
        scale = window.facts.get("indifferent", {}).get("discriminator", 0.0)
        loss = together(window, LOSS)[-self.looks :, 0]
        if scale <= 0.0 or len(loss) < self.looks:
            return []
        place = np.arange(len(loss))
        rest = (loss - np.polyval(np.polyfit(place, loss, 1), place)) / scale
        first, second = np.split(rest, [len(rest) // 2])
        crossings = int(np.sum(np.diff(np.sign(rest)) != 0))
        if crossings < self.crossings or min(first.std(), second.std()) < self.swing:
            return []
        progressing, distances = self._progress(window)
        grows = " and grows" if second.std() > 1.5 * first.std() else ""
        within = window.last(f"{LOSS}_std")
        return [
            Finding(
                name=self.name,
                severity="warning" if progressing else "serious",
                evidence=(
                    f"Over the last {self.looks} looks, until {window.images:,} images, the discriminator's loss went "
                    f"between {loss.min():.3g} and {loss.max():.3g} and crossed its trend {crossings} times.",
                    f"Its swing is {rest.std():.0%} of the {scale:.3g} that a critic pays that knows nothing{grows}.",
                    *distances,
                    *([f"Within the last span the deviation from step to step is {within:.3g}."] if within else []),
                ),
                meaning="The players chase each other: each undoes what the other learned, so their losses swing while"
                " the images do not get better. More training repeats the circle.",
                remedies=(
                    *[r for player in PLAYERS for r in lower_rate(window, player, factor=0.25)],
                    *_without_momentum(window),
                    Remedy("Damp the rotation by a penalty at real images.", "--config.terms='(\"R1(gamma=1.0)\",)'"),
                    Remedy("Let the generator look ahead.", "--config.update_rule='UnrolledGAN(unroll=5)'"),
                    Remedy(
                        "Average the generator over the circle.",
                        "--config.averaging='ExponentialAveraging(half_life_images=50_000)'",
                    ),
                ),
                source="Mescheder et al., 2018, arXiv:1801.04406, section 2; Gidel et al., 2019, arXiv:1807.04740",
            )
        ]

    def _progress(self, window: Window) -> tuple[bool, tuple[str, ...]]:
        """Returns whether the images came nearer to the data over the last looks, and the sentence that says so."""
        distance = together(window, "pixel_distance")[-self.looks :, 0]
        if len(distance) < self.looks:
            return False, ()
        before, after = (float(np.median(half)) for half in np.split(distance, [self.looks // 2]))
        text = f"The images' distance to the data went from {before:.3g} to {after:.3g} (medians of the halves)."
        return after < self.progress * before, (text,)


def _without_momentum(window: Window) -> list[Remedy]:
    """Returns the advice to drop the momentum, for the player whose optimizer says that it has some."""
    rates, texts = window.facts.get("rates", {}), window.facts.get("optimizers", {})
    return [
        Remedy(f"Drop the {player}'s momentum.", f"--config.{player}_optimizer='Adam({rates[player]:g}, beta_1=0.0)'")
        for player in PLAYERS
        if rates.get(player) and texts.get(player, "").startswith("Adam(") and "beta_1=0.0" not in texts[player]
    ]
