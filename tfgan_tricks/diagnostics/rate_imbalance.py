"""One player moves far more than the other."""

import math
import weakref

import numpy as np
from keras import ops

from tfgan_tricks.checks import check_integer, check_range
from tfgan_tricks.diagnostics.detector import Detector
from tfgan_tricks.diagnostics.finding import Finding, Remedy
from tfgan_tricks.diagnostics.game import separation, streak, together
from tfgan_tricks.diagnostics.look import Look
from tfgan_tricks.diagnostics.remedies import lower_rate
from tfgan_tricks.diagnostics.window import Window
from tfgan_tricks.types import PLAYERS

SAMPLED = 4_096  # values of each variable that are compared


class RateImbalance(Detector):
    """Finds players whose weights change at very different speeds, while the faster one wins.

    What counts is not the rates themselves but what they do: the relative change ‖Δw‖ / ‖w‖ of a player's weights
    from look to look, whatever optimizer, momentum, clipping, number of critic steps or size of weights it comes from.
    Where the players differ but neither wins, it is a warning. A player that does not move at all is not judged here,
    but by `IdlePlayer`.

    It measures `rate_imbalance/<player>`, that change since the look before, and `separation` (share of pairs of a
    real and a generated logit in which the real one is higher).

    **Source**: Heusel et al., 2017, arXiv:1706.08500, section 2: convergence with rates of two time scales, the
    critic's the faster one.

    **Differs from the paper**: speeds are measured.

    Args:
        ratio: of the two changes, from which on they are out of balance.
        separation: from which on the critic wins; the generator wins below one less this. Where there are no real
            images, the critic's accuracy is held to the same.
        looks: how many looks in a row must agree.

    **Cost**: 4,096 values of each variable, or a few more, are copied at each look and kept until the next.

    **Combines badly with**: a player whose weights were at 0 when training began, which change much at first.

    Example:

    >>> values = {"rate_imbalance/generator": 1e-5, "rate_imbalance/discriminator": 0.02, "separation": 1.0}
    >>> looks = tuple(tt.diagnostics.Snapshot(images, values) for images in (1_000, 2_000, 3_000))
    >>> finding, = tt.diagnostics.RateImbalance()(tt.diagnostics.Window(looks))
    >>> finding.severity, finding.player
    ('serious', 'discriminator')
    """

    name = "rate_imbalance"

    def __init__(self, ratio: float = 30.0, separation: float = 0.95, looks: int = 3):
        check_range("ratio", ratio, low=1.0)
        check_range("separation", separation, low=0.5, high=1.0)
        check_integer("looks", looks, at_least=1)
        self.ratio = ratio
        self.separation = separation
        self.looks = looks

    def measure(self, look):
        return movement(look) | separation(look)

    def __call__(self, window):
        changes = together(window, *[f"{self.name}/{player}" for player in PLAYERS])[-self.looks :]
        if len(changes) < self.looks or np.any(changes <= 0.0):
            return []
        ratios = changes / changes[:, ::-1]
        return [
            self._finding(window, player, PLAYERS[1 - place], changes[-1, place], ratios[-1, place])
            for place, player in enumerate(PLAYERS)
            if np.all(ratios[:, place] >= self.ratio)
        ]

    def _wins(self, window: Window, player: str) -> tuple[bool, str]:
        """Returns whether a player has won at the last looks, and the sentence about it."""
        judged = window.facts.get("boundary") is not None
        for name, known in (("separation", True), ("discriminator_accuracy", judged)):
            values = together(window, name)[:, 0]
            if known and len(values):
                won = values >= self.separation if player == "discriminator" else values <= 1.0 - self.separation
                what = "ranks pairs of a real and a generated image" if name == "separation" else "judges images"
                return streak(won) >= self.looks, f"The critic {what} correctly in {values[-1]:.1%} of all cases."
        return False, ""

    def _finding(self, window: Window, fast: str, slow: str, change: float, ratio: float) -> Finding:
        wins, text = self._wins(window, fast)
        rates = window.facts.get("rates", {})
        known = all(rates.get(player) for player in PLAYERS)
        steps = window.facts.get("critic_steps", 1)
        settings = [f"{rates[player]:g} of the {player}" for player in PLAYERS] if known else []
        return Finding(
            name=self.name,
            severity="serious" if wins else "warning",
            evidence=(
                f"Until {window.images:,} images, since the look before, the {fast}'s weights changed by {change:.2%}, "
                f"{ratio:,.0f} times as much as the {slow}'s; so it was at the last {self.looks} looks, or more.",
                *([f"The learning rates are {' and '.join(settings)}, with critic_steps={steps}."] if known else []),
                *([text] if text else []),
            ),
            meaning=f"The {slow} stands still beside the {fast}, which learns against an opponent that cannot answer."
            + (" It has won, so neither of them learns anything any more." if wins else ""),
            remedies=(
                *lower_rate(window, slow, factor=min(10.0, ratio / 3)),
                *lower_rate(window, fast, factor=0.25),
                Remedy("Start from usual rates, the critic's four times the generator's.", USUAL[slow]),
            ),
            source="Heusel et al., 2017, arXiv:1706.08500, section 2",
            player=fast,
        )


USUAL = {
    "generator": "--config.generator_optimizer='Adam(1e-4, beta_1=0.0, beta_2=0.9)'",
    "discriminator": "--config.discriminator_optimizer='Adam(4e-4, beta_1=0.0, beta_2=0.9)'",
}


def movement(look: Look) -> dict[str, float]:
    """Returns "rate_imbalance/<player>", ‖Δw‖ / ‖w‖ of its weights since the look before, where there was one.

    Of a large variable 4,096 values or a few more stand for all, evenly spread. Several detectors may ask at one look.
    """
    memory = look.subject.memory
    of, found = memory.get("movement", (lambda: None, {}))
    if of() is look:
        return found
    found = {}
    memory["movement"] = weakref.ref(look), found
    for player in PLAYERS:
        name = f"rate_imbalance/{player}"
        variables = [variable for variable in look.gan.variables_of(player) if math.prod(variable.shape)]
        now = look.subject.run(name, lambda chosen=variables: [_sample(variable) for variable in chosen])
        before, memory[name] = memory.get(name), now
        if before is None or [len(part) for part in before] != [len(part) for part in now]:
            continue
        shares = [math.prod(variable.shape) / len(part) for variable, part in zip(variables, now, strict=True)]
        size = _norm(now, shares)
        if size > 0.0:
            found[name] = _norm([part - old for part, old in zip(now, before, strict=True)], shares) / size
    return found


def _sample(variable):
    step = max(1, math.prod(variable.shape) // SAMPLED)
    return ops.reshape(ops.convert_to_tensor(variable), (-1,))[::step]


def _norm(parts: list[np.ndarray], shares: list[float]) -> float:
    return math.sqrt(sum(s * float(np.sum(p.astype("float64") ** 2)) for p, s in zip(parts, shares, strict=True)))
