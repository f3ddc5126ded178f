"""What a doctor may do, if it is allowed to: restore the last good state, lower a rate, stop."""

import numpy as np
from absl import logging

from tfgan_tricks.diagnostics.facts import rate_of
from tfgan_tricks.diagnostics.finding import Finding
from tfgan_tricks.schedules.learning_rate import inner_optimizers
from tfgan_tricks.types import PLAYERS

LOWER = ("gradient_explosion", "discriminator_won", "rate_imbalance", "oscillation")
RESTORE = ("non_finite", "mode_collapse", "spectral_explosion")
FACTOR = 4.0  # by which a rate is lowered
MOST = 3  # treatments of one kind, then it stops


class Treatment:
    """Answers serious findings.

    * "gradient_explosion", "discriminator_won", "rate_imbalance", "oscillation": the player's rate is divided by 4.
    * "non_finite", "mode_collapse", "spectral_explosion": weights, averages and moments of the last look without a
      serious finding come back, and both rates are divided by 4. Counters and seeds go on, so the training does not
      repeat itself.
    * What is still found after three treatments, or where nothing helps (rates that follow a schedule): training
      stops, with the last good state if the failure is one that is restored from.

    At one look each rate is lowered once at most.

    Everything that is done is logged. Findings of other names are not answered.

    Args:
        gan: the GAN to treat.
    """

    def __init__(self, gan):
        self.gan = gan
        self.good: list | None = None
        self.given: dict[str, int] = {}
        self.restored = False

    def answer(self, findings: list[Finding], images: int) -> None:
        """Treats what is serious, or keeps the present state as the last good one if nothing is."""
        self.restored = False
        self._lowered: set[str] = set()
        serious = [finding for finding in findings if finding.severity == "serious"]
        if not serious:
            state = [variable.numpy() for variable in self._state()]
            if all(np.isfinite(value).all() for value in state):  # the logs show it a step later
                self.good = state
        for finding in serious:
            if finding.name in LOWER + RESTORE and not self.restored:
                self._treat(finding, images)

    def _treat(self, finding: Finding, images: int) -> None:
        self.given[finding.name] = self.given.get(finding.name, 0) + 1
        restoring = finding.name in RESTORE
        players = [finding.player] if finding.player and not restoring else list(PLAYERS)
        helpless = not any(self._has_rate(player) for player in players) and not (restoring and self.good)
        if restoring and self.good is not None:
            for variable, value in zip(self._state(), self.good, strict=True):
                variable.assign(value)
        if self.given[finding.name] > MOST or helpless:
            why = "there is nothing to restore and no rate to lower" if helpless else f"{MOST} treatments did not help"
            logging.warning("At %s images the doctor stops: %s, and %s.", f"{images:,}", finding.name, why)
            self.gan.stop_training = True
            return
        if restoring and self.good is not None:
            self.restored = True
            logging.warning("At %s images the doctor restores the last good state: %s.", f"{images:,}", finding.name)
        for player in players:
            self._lower(player, images, finding.name)

    def _lower(self, player: str, images: int, name: str) -> None:
        if self._has_rate(player) and player not in self._lowered:
            self._lowered.add(player)
            rate = (rate_of(self.gan, player) or 0.0) / FACTOR
            inner_optimizers(getattr(self.gan, f"{player}_optimizer"))[0].learning_rate = rate
            text = "At %s images the doctor lowers the %s's rate to %.3g: %s."
            logging.warning(text, f"{images:,}", player, rate, name)

    def _has_rate(self, player: str) -> bool:
        optimizer = getattr(self.gan, f"{player}_optimizer", None)
        found = [] if optimizer is None else inner_optimizers(optimizer)
        return len(found) == 1 and hasattr(found[0]._learning_rate, "assign")

    def _state(self) -> list:
        """Returns what is restored: all variables but counters, seeds and learning rates."""
        optimizers = [getattr(self.gan, f"{player}_optimizer", None) for player in PLAYERS]
        rates = {id(o._learning_rate) for known in optimizers if known for o in inner_optimizers(known)}
        left = {id(variable) for variable in self.gan.counters.values()} | rates
        moments = [variable for optimizer in optimizers if optimizer for variable in optimizer.variables]
        parts = [variable for part in self.gan.observers for variable in part.variables]
        found = {id(v): v for v in (*self.gan.variables, *moments, *parts) if "seed_generator" not in v.path}
        return [variable for key, variable in found.items() if key not in left]
