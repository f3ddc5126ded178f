"""A player's gradient has become far larger than it was."""

import numpy as np

from tfgan_tricks.checks import check_integer, check_range
from tfgan_tricks.diagnostics.detector import Detector
from tfgan_tricks.diagnostics.finding import Finding, Remedy
from tfgan_tricks.diagnostics.game import streak
from tfgan_tricks.diagnostics.remedies import clip_gradient, lower_rate
from tfgan_tricks.diagnostics.window import Window
from tfgan_tricks.types import PLAYERS


class GradientExplosion(Detector):
    """Finds gradient norms that are large, and far above what the same player had when it began.

    A norm of 100 alone says little: the unit is the network's, and Adam divides it out. So it must also be `growth`
    times what was usual: the median of the first five looks, or of all looks before, whichever is smaller. Where no
    look was before, `norm` stands for it. A norm that is large but always was, and one that was so in single steps
    only, are worth a note, without remedies.

    **Source**: "check norms of gradients: if they are over 100 things are screwing up", Chintala et al., 2016, "How to
    Train a GAN?"; Pascanu et al., 2013, arXiv:1211.5063, section 3.2 for clipping.

    **Differs from the paper**: relative to the training's own beginning; means over the steps between two looks.

    Args:
        norm: above which a gradient is large.
        growth: factor above what was usual.
        looks: how many looks in a row must agree for a serious finding; the first is a warning. One is enough where
            the training broke down at it.

    **Cost**: none.

    **Combines badly with**: update rules that log no gradient norms.

    Example:

    >>> norms = (3.0, 2.5, 4.0, 900.0, 5_000.0, 20_000.0)
    >>> values = [{"discriminator_gradient_norm": norm} for norm in norms]
    >>> looks = tuple(tt.diagnostics.Snapshot(1_000 * i, v) for i, v in enumerate(values))
    >>> finding, = tt.diagnostics.GradientExplosion()(tt.diagnostics.Window(looks))
    >>> finding.severity, finding.player
    ('serious', 'discriminator')
    """

    name = "gradient_explosion"

    def __init__(self, norm: float = 100.0, growth: float = 10.0, looks: int = 3):
        check_range("norm", norm, low=0.0, low_open=True)
        check_range("growth", growth, low=1.0)
        check_integer("looks", looks, at_least=1)
        self.norm = norm
        self.growth = growth
        self.looks = looks

    def __call__(self, window):
        return [finding for player in PLAYERS for finding in self._judge(window, player)]

    def _judge(self, window: Window, player: str) -> list[Finding]:
        name = f"{player}_gradient_norm"
        norms, largest = window.values(name), window.last(f"{name}_max")
        if window.last(name) is None:
            return []
        when = f"At {window.images:,} images"
        last = range(max(0, len(norms) - self.looks), len(norms))
        usual = np.asarray([self._usual(norms[:place]) for place in last])
        recent = norms[last.start :]
        count = streak((recent > self.norm) & (recent >= self.growth * usual))
        if count:
            broken = bool(window.note("non_finite"))
            severity = "serious" if count >= self.looks or broken else "warning"
            known = f"usual was {usual[-1]:.3g}" if last[-1] else f"no look was before; the limit is {self.norm:g}"
            text = f"{when} the mean norm of the {player}'s gradient is {norms[-1]:.3g}; {known}."
            lasting = f"It was so at the last {count} looks." if count > 1 else "It was not so at the look before."
            return [self._finding(window, player, severity, (text, *([lasting] if last[-1] else [])))]
        if norms[-1] > self.norm:
            text = f"{when} the mean norm of the {player}'s gradient is {norms[-1]:.3g}: large, but not growing fast."
            return [self._finding(window, player, "note", (text,))]
        if largest is not None and largest > max(self.norm, self.growth * usual[-1]):
            text = f"{when} the {player} had seen one gradient of norm {largest:.3g}; their mean is {norms[-1]:.3g}."
            return [self._finding(window, player, "note", (text,))]
        return []

    def _usual(self, earlier: np.ndarray) -> float:
        return float(min(np.median(earlier[:5]), np.median(earlier))) if len(earlier) else self.norm

    def _finding(self, window: Window, player: str, severity: str, evidence: tuple[str, ...]) -> Finding:
        return Finding(
            name=self.name,
            severity=severity,
            evidence=evidence,
            meaning=f"Each step of the {player} is ruled by a few enormous slopes. It jumps instead of descending, and"
            " NaN is often next."
            if severity != "note"
            else "Alone it need not harm, Adam divides by the usual size; together with other findings it says where"
            " to look.",
            remedies=(*clip_gradient(window, player), *lower_rate(window, player), *_tamed(player))
            if severity != "note"
            else (),
            source='Chintala et al., 2016, "How to Train a GAN?"; Pascanu et al., 2013, arXiv:1211.5063, section 3.2',
            player=player,
        )


def _tamed(player: str) -> list[Remedy]:
    """Returns what bounds the critic's slope; the generator's gradient comes through the critic."""
    why = "" if player == "discriminator" else ", through which the generator's gradient comes"
    return [
        Remedy(f"Penalise the slope of the critic{why}.", "--config.terms='(\"R1(gamma=1.0)\",)'"),
        Remedy("Bound it by spectral normalisation.", "--config.architecture='sngan_cnn(width=64)'"),
    ]
