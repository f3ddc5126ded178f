"""A player that is not trained."""

import math

import numpy as np

from tfgan_tricks.checks import check_integer
from tfgan_tricks.diagnostics.detector import Detector
from tfgan_tricks.diagnostics.finding import Finding, Remedy
from tfgan_tricks.diagnostics.game import streak
from tfgan_tricks.diagnostics.rate_imbalance import USUAL, movement
from tfgan_tricks.diagnostics.window import Snapshot, Window
from tfgan_tricks.types import PLAYERS

NO_RATE, NO_GRADIENT = "its learning rate is 0", "its gradient is 0"
SMALL = 1e-6  # a norm that is told from means over an epoch is 0 up to this


class IdlePlayer(Detector):
    """Finds players that should learn and do not: they are frozen, their rate is 0, or nothing of them moves.

    From outside this looks like a game that one player has won, or like a collapse, and what answers those does not
    help. A player that the loss leaves out (`NoGame`) is not judged; one that a `NetworkStage` freezes is worth a note,
    one that a schedule has brought to a rate of 0 after it had learned, or whose gradient is 0, a warning: what makes
    it so is another finding's matter.

    It measures `idle_player/<player>`, which share of its weights is trained at all; `idle_player/<player>/rests`, 1
    where a stage has frozen all of its networks, else 0; and `rate_imbalance/<player>`, how far its weights moved
    since the look before, relatively.

    **Source**: Goodfellow et al., 2014, arXiv:1406.2661, algorithm 1, in which both players are updated in turn.

    **Differs from the paper**: no.

    Args:
        looks: how many looks in a row must agree for a serious finding; the first is a warning.

    **Cost**: that of `RateImbalance`, shared with it.

    **Combines badly with**: looks within the first steps of a rate that is warmed up from 0.

    Example:

    >>> values = {"rate_imbalance/discriminator": 0.0, "rate/discriminator": 0.0}
    >>> looks = tuple(tt.diagnostics.Snapshot(images, values) for images in (0, 1_000, 2_000, 3_000))
    >>> finding, = tt.diagnostics.IdlePlayer()(tt.diagnostics.Window(looks))
    >>> finding.severity, finding.player
    ('serious', 'discriminator')
    """

    name = "idle_player"

    def __init__(self, looks: int = 3):
        check_integer("looks", looks, at_least=1)
        self.looks = looks

    def measure(self, look):
        values, resting = dict(movement(look)), set(getattr(look.gan, "resting", ()))
        names = {"generator": look.gan.task.generators, "discriminator": look.gan.task.critics}
        for player in PLAYERS:
            networks = look.gan.networks_of(player)
            weights = sum(math.prod(v.shape) for network in networks for v in network.weights)
            trained = sum(math.prod(v.shape) for v in look.gan.variables_of(player))
            if weights:
                values[f"{self.name}/{player}"] = trained / weights
                values[f"{self.name}/{player}/rests"] = float(resting.issuperset(names[player]))
        return values

    def __call__(self, window):
        meant = window.facts.get("indifferent", dict.fromkeys(PLAYERS))
        return [finding for player in PLAYERS if player in meant for finding in self._judge(window, player)]

    def _judge(self, window: Window, player: str) -> list[Finding]:
        looks = window.snapshots
        known = [_idle(look, before, player) for before, look in zip((None, *looks), looks, strict=False)]
        count = streak(np.asarray([idle for idle in known if idle is not None], bool))
        if not known or not known[-1] or not count:
            return []
        cause = self._cause(window, player)
        if window.last(f"{self.name}/{player}/rests"):
            severity = "note"
        elif cause == NO_GRADIENT or (cause == NO_RATE and False in known):
            severity = "warning"  # another finding says more; a schedule has ended
        else:
            severity = "serious" if count >= self.looks else "warning"
        return [self._finding(window, player, severity, cause, count)]

    def _cause(self, window: Window, player: str) -> str:
        norm = window.last(f"{player}_gradient_norm")
        if window.last(f"{self.name}/{player}") == 0.0:
            stage = window.last(f"{self.name}/{player}/rests")
            return "all its weights are frozen" + (" by a stage" if stage else "")
        if window.rate_of(player) == 0.0:
            return NO_RATE
        return NO_GRADIENT if norm is not None and norm < SMALL else "its steps are too small to change its weights"

    def _finding(self, window: Window, player: str, severity: str, cause: str, count: int) -> Finding:
        rate, since = (
            window.rate_of(player),
            "" if "frozen" in cause else ", and since the look before nothing has moved",
        )
        other = "generator" if player == "discriminator" else "discriminator"
        then = " What else is found here, such as a winner or a collapse, follows from it."
        remedies = {
            NO_GRADIENT: Remedy(
                "Look for what stops its gradient: dead units, saturated outputs, a loss that is flat."
            ),
            "all its weights are frozen": Remedy(
                f"Set trainable = True on the networks of the {player} before `compile`."
            ),
        }
        return Finding(
            name=self.name,
            severity=severity,
            evidence=(
                f"At {window.images:,} images the {player} is not trained: {cause}{since}.",
                *([f"Its learning rate is {rate:g}."] if rate and since else []),
                *([f"It was so at the last {count} looks."] if count > 1 else []),
            ),
            meaning=f"The {player} does not learn, so the {other} plays against an opponent that never answers."
            + (then if severity == "serious" else ""),
            remedies=()
            if severity == "note"
            else (remedies.get(cause, Remedy(f"Give the {player} a usual rate.", USUAL[player])),),
            source="Goodfellow et al., 2014, arXiv:1406.2661, algorithm 1",
            player=player,
        )


def _idle(look: Snapshot, before: Snapshot | None, player: str) -> bool | None:
    """Returns whether a player was not trained until a look, `None` if that look cannot tell."""
    if look.values.get(f"idle_player/{player}") == 0.0:
        return True
    moved = look.values.get(f"rate_imbalance/{player}")
    if moved is None or before is None or look.images <= before.images:
        return None
    return moved == 0.0
