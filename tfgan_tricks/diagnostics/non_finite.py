"""Training has produced NaN or infinity."""

import numpy as np

from tfgan_tricks.diagnostics.detector import Detector
from tfgan_tricks.diagnostics.finding import Finding, Remedy
from tfgan_tricks.diagnostics.first_bad_tensor import MOMENT
from tfgan_tricks.diagnostics.remedies import clip_gradient, lower_rate
from tfgan_tricks.diagnostics.window import Window
from tfgan_tricks.types import PLAYERS

HIGH, HIGH_SGD = 1e-2, 1.0  # rates above which an optimizer is suspect
GROWTH = 10.0  # of a gradient's norm, above what was usual


class NonFinite(Detector):
    """Names what was not finite first, where it is now, and which player is more suspect.

    `Doctor` looks at once when a logged quantity is NaN or infinite, and searches all networks for the first variable,
    then for the first layer's output, that is not finite. The player in whose numbers it shows is often the victim: a
    generator that has jumped to infinity spoils the critic's logits first. So the rates of both are told. More suspect
    is the player whose rate is beyond all use (above 1, or 0.01 unless it is SGD's), or else whose gradient had grown
    tenfold, and the other's not; only then the player in whose numbers it showed first.

    **Source**: Goodfellow et al., 2016, "Deep Learning", section 11.5, on looking for the first such value.

    **Differs from the paper**: no.

    **Cost**: none until something breaks down; then one pass through each network.

    **Combines badly with**: several critic steps, after which what was first cannot be told from what followed.

    Example:

    >>> notes = {"non_finite": "r1", "first_bad_tensor": "variable dense/kernel of discriminator: 3 of 9 values"}
    >>> window = tt.diagnostics.Window((tt.diagnostics.Snapshot(640, {}, notes),))
    >>> [finding.severity for finding in tt.diagnostics.NonFinite()(window)]
    ['serious']
    """

    name = "non_finite"

    def __call__(self, window):
        bad = window.note("non_finite")
        if not bad:
            return []
        first, *others = bad.split(", ")
        then = f", then {', '.join(others)}" if others else ""
        suspects, reason = _suspects(window, first)
        inside = _inside(window)
        data = [Remedy("Look at the data: one image with NaN, or with huge values, is enough; the loaders refuse it.")]
        return [
            Finding(
                name=self.name,
                severity="serious",
                evidence=(
                    f"At {window.images:,} images {first} was not finite{then}.",
                    *_where(window),
                    *_rates(window),
                    *_largest(window),
                    *([reason] if reason else []),
                ),
                meaning="One such value ruins every weight that it reaches within a step or two: from here on nothing"
                " is learned. Checkpoints from before, if there are any, are good.",
                remedies=(
                    *(data if inside else []),
                    *[remedy for player in suspects for remedy in lower_rate(window, player, _factor(window, player))],
                    *(clip_gradient(window, suspects[0]) if _excess(window, suspects[0]) <= 1.0 else []),
                    Remedy("Train in float32 or bfloat16 if this is float16.", "--config.precision=mixed_bfloat16"),
                    *([] if inside else data),
                ),
                source="Goodfellow et al., 2016, Deep Learning, section 11.5",
                player=suspects[0] if reason or first.startswith(suspects[0]) else "",
            )
        ]


def _inside(window: Window) -> bool:
    """Returns whether it is known that the networks themselves were finite when it was seen."""
    where = window.snapshots[-1].notes.get("first_bad_tensor")
    return where is not None and (not where or where.startswith(MOMENT))


def _where(window: Window) -> list[str]:
    where = window.snapshots[-1].notes.get("first_bad_tensor")
    if where is None:
        return []  # nobody looked
    inside = "the value was produced inside a step (a loss, a gradient, or the data)."
    if not where:
        return [f"At that moment all tensors were finite: {inside}"]
    if where.startswith(MOMENT):
        return [f"At that moment all weights were finite: {inside}", f"First tensor that was not: {where}."]
    return [
        f"First tensor that was not finite at that moment: {where}. A step after the first such value both networks "
        "may be spoiled, so this need not be where it began."
    ]


def _suspects(window: Window, first: str) -> tuple[list[str], str]:
    """Returns the players, the more suspect first, and the sentence that says why, if there is a reason."""
    shown = next((player for player in PLAYERS if first.startswith(player)), "discriminator")
    players: list[str] = sorted(PLAYERS, key=lambda player: player != shown)
    excess = {player: _excess(window, player) for player in players}
    growth = {player: _growth(window, player) for player in players}
    worst = max(players, key=lambda player: excess[player])
    if excess[worst] > 1.0:
        reason = f"The {worst}'s learning rate is far above what is usual: it is the more suspect of the two."
        return sorted(players, key=lambda player: player != worst), reason
    worst = max(players, key=lambda player: growth[player])
    if growth[worst] > GROWTH and min(growth.values()) < growth[worst] / GROWTH:
        reason = f"The {worst}'s gradient had grown {growth[worst]:,.3g}-fold: it is the more suspect of the two."
        return sorted(players, key=lambda player: player != worst), reason
    return players, ""


def _excess(window: Window, player: str) -> float:
    text = window.facts.get("optimizers", {}).get(player) or ""
    return (window.rate_of(player) or 0.0) / (HIGH_SGD if not text or text.startswith("SGD") else HIGH)


def _factor(window: Window, player: str) -> float:
    """Returns by how much to lower a rate: by half, or one beyond all use to a hundredth of the highest usual one."""
    excess = _excess(window, player)
    return 0.01 / excess if excess > 1.0 else 0.5


def _rates(window: Window) -> list[str]:
    told = [f"{rate:g} of the {p}" for p in PLAYERS if (rate := window.rate_of(p)) is not None]
    return [f"Learning rates: {' and '.join(told)}."] if told else []


def _growth(window: Window, player: str) -> float:
    """Returns the last finite norm of a player's gradient over what was usual before, 0 if that is not known."""
    name = f"{player}_gradient_norm"
    before, recent = window.until(len(window.snapshots) - 1).values(name), _recent(window, name)
    usual = float(np.median(before)) if len(before) else 0.0
    return recent / usual if recent is not None and usual > 0.0 else 0.0


def _recent(window: Window, name: str) -> float | None:
    """Returns the largest finite value of a log at the last two looks."""
    values = [look.values[key] for look in window.snapshots[-2:] for key in (name, f"{name}_max") if key in look.values]
    return max(values, key=abs, default=None)


def _largest(window: Window) -> list[str]:
    names = [f"{player}_{what}" for player in PLAYERS for what in ("gradient_norm", "loss")]
    told = [f"{name} {value:.3g}" for name in (*names, "real_logits") if (value := _recent(window, name)) is not None]
    return [f"Largest finite values of the last two looks: {', '.join(told)}."] if told else []
