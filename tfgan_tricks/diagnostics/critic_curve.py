"""The curve of a Wasserstein critic, which should be positive and fall smoothly."""

import numpy as np

from tfgan_tricks.checks import check_integer, check_range
from tfgan_tricks.diagnostics.detector import Detector
from tfgan_tricks.diagnostics.finding import Finding, Remedy
from tfgan_tricks.diagnostics.game import direction, separation, streak, together
from tfgan_tricks.diagnostics.look import Look
from tfgan_tricks.diagnostics.remedies import faster_critic, lower_rate
from tfgan_tricks.diagnostics.window import Window

LOGITS = ("real_logits", "fake_logits")
SLOPE = "critic_curve/slope"


class CriticCurve(Detector):
    """Reads the estimate E D(x) - E D(G(z)) of the `Wasserstein` loss, wrapped or not; other losses are not judged.

    * It must be **positive**: a critic that ranks generated images above real ones at look after look is broken, has
      the wrong sign, or is far too slow.
    * It must not **grow without bound**: it then shows the growth of the critic, whose Lipschitz constant nothing
      holds. |E D(x) - E D(G(z))| / E‖x - G(z)‖ is at most that constant, so its growth proves it.
    * It should **fall**: a rise over many looks is worth a note.

    It measures `critic_curve/slope`, that lower bound of the Lipschitz constant, with pairs in the order of the
    batch, and `separation` (share of pairs of a real and a generated logit in which the real one is higher).

    **Source**: Arjovsky et al., 2017, arXiv:1701.07875, section 4.2, figures 3 and 4; the bound is section 2's
    Kantorovich-Rubinstein duality.

    **Differs from the paper**: the bound, which the paper does not log.

    Args:
        slope: a bound of the Lipschitz constant above which the critic may be unbounded; 1 is what penalties ask for.
        growth: factor by which the steepest of the last five looks is above the median of the first five.
        separation: a critic ranks at most this share of the pairs correctly where it is wrong; chance is 1/2.
        looks: how many looks in a row must agree for a serious finding; the first is a warning.

    **Cost**: of the shared `Look.inference`, and the distances of its images.

    **Combines badly with**: few looks: growth is judged from the tenth on; `ClipWeights`, whose constant is any;
    batch norm in the critic and augmented inputs, with which the bound is a rough one.

    Example:

    >>> slopes = (0.8, 2.0, 1.1, 3.0, 1.4, 5.0, 9.0, 14.0, 22.0, 31.0, 45.0, 60.0)
    >>> looks = tuple(tt.diagnostics.Snapshot(1_000 * i, {"critic_curve/slope": s}) for i, s in enumerate(slopes))
    >>> window = tt.diagnostics.Window(looks, {"loss_text": "Wasserstein()"})
    >>> [finding.severity for finding in tt.diagnostics.CriticCurve()(window)]
    ['serious']
    """

    name = "critic_curve"

    def __init__(self, slope: float = 3.0, growth: float = 5.0, separation: float = 0.1, looks: int = 3):
        check_range("slope", slope, low=0.0, low_open=True)
        check_range("growth", growth, low=1.0)
        check_range("separation", separation, low=0.0, high=0.5)
        check_integer("looks", looks, at_least=1)
        self.slope = slope
        self.growth = growth
        self.separation = separation
        self.looks = looks

    def measure(self, look):
        if "Wasserstein(" not in repr(look.gan.adversarial_loss):
            return {}
        return _slope(look) | separation(look)

    def __call__(self, window):
        if "Wasserstein(" not in window.facts.get("loss_text", ""):
            return []
        return self._unbounded(window) or self._negative(window) or self._rising(window)

    def _unbounded(self, window: Window) -> list[Finding]:
        slopes = np.abs(together(window, SLOPE)[:, 0])
        if len(slopes) < 10:
            return []
        start = float(np.median(slopes[:5]))
        steepest = np.max([slopes[5 + i : len(slopes) - 4 + i] for i in range(5)], axis=0)  # of five looks
        count = streak((steepest >= self.slope) & (steepest >= self.growth * start))
        if not count:
            return []
        evidence = (
            f"At {window.images:,} images the critic's values change by {steepest[-1]:.3g} per unit of distance between"
            f" images or more; over the first five looks it was {start:.3g}, and a Lipschitz constant of 1 allows 1.",
            f"It was so at the last {count} looks." if count > 1 else "It was not so at the look before.",
        )
        meaning = (
            "Nothing holds the critic's slope, or too little. Its values grow without bound, so the curve shows that"
            " growth and no distance between images, and the generator's steps follow an ever steeper critic."
        )
        return [self._finding(count, evidence, meaning, (*_constraints(), *lower_rate(window, "discriminator")))]

    def _negative(self, window: Window) -> list[Finding]:
        values = together(window, *LOGITS, "separation")
        estimate = values[:, 0] - values[:, 1]
        count = streak((estimate < 0.0) & (values[:, 2] <= self.separation))
        if not count:
            return []
        evidence = (
            f"At {window.images:,} images the critic's estimate of the distance is {estimate[-1]:.3g}, below 0.",
            f"Of pairs of a real and a generated image it ranks {values[-1, 2]:.1%} correctly; chance is 50%.",
            f"It was so at the last {count} looks." if count > 1 else "It was not so at the look before.",
        )
        meaning = (
            "A distance cannot be negative: the critic prefers generated images. Either it learns far too slowly for"
            " this generator, or a loss of your own has the wrong sign. The generator is sent the wrong way."
        )
        remedies = (
            Remedy("Give the critic more steps per step of the generator.", "--config.critic_steps=5"),
            *faster_critic(window),
            *lower_rate(window, "generator"),
        )
        return [self._finding(count, evidence, meaning, remedies)]

    def _rising(self, window: Window) -> list[Finding]:
        values = together(window, *LOGITS)[-12:]
        estimate = values[:, 0] - values[:, 1]
        if len(estimate) < 12 or direction(estimate) < 0.7 or estimate[-1] < 1.5 * abs(estimate[0]):
            return []
        evidence = (
            f"Over the last 12 looks, until {window.images:,} images, the estimate rose from {estimate[0]:.3g} to "
            f"{estimate[-1]:.3g}.",
        )
        meaning = (
            "The curve should fall as the images get better. A rise at the start is the critic learning; later on, the"
            " generator moves away from the data, or the critic is not held."
        )
        remedies = (Remedy("Give the critic more steps.", "--config.critic_steps=5"), *lower_rate(window, "generator"))
        return [self._finding(0, evidence, meaning, remedies)]

    def _finding(self, count: int, evidence: tuple[str, ...], meaning: str, remedies: tuple[Remedy, ...]) -> Finding:
        return Finding(
            name=self.name,
            severity="note" if not count else "serious" if count >= self.looks else "warning",
            evidence=evidence,
            meaning=meaning,
            remedies=remedies,
            source="Arjovsky et al., 2017, arXiv:1701.07875, section 4.2",
            player="discriminator",
        )


def _slope(look: Look) -> dict[str, float]:
    """Returns a lower bound of the critic's Lipschitz constant, with its sign; nothing without real images."""
    real, (fake, fake_logits, real_logits) = look.real, look.inference
    if real is None or real_logits is None or real.shape != fake.shape:
        return {}
    distance = float(np.mean(np.sqrt(np.sum((real - fake) ** 2, axis=(1, 2, 3)))))
    estimate = float(real_logits.mean() - fake_logits.mean())
    return {SLOPE: estimate / distance} if distance > 0.0 else {}


def _constraints() -> tuple[Remedy, ...]:
    return (
        Remedy("Hold the slope to 1 by a gradient penalty.", "--config.terms='(\"WGANGP(weight=10.0)\",)'"),
        Remedy("Or clip the critic's weights.", "--config.weight_constraint='ClipWeights(0.01)'"),
        Remedy("Or normalise them by their spectral norm.", "--config.architecture='sngan_cnn(width=64)'"),
    )
