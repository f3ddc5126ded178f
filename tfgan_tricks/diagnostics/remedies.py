"""Remedies that several detectors name, with the numbers of the training at hand."""

import re

from tfgan_tricks.diagnostics.facts import written
from tfgan_tricks.diagnostics.finding import Remedy
from tfgan_tricks.diagnostics.window import Window
from tfgan_tricks.types import PLAYERS

USUAL = {"generator": 1e-4, "discriminator": 4e-4}  # of Adam, as in `GAN.compile`
FAR = 50.0  # times


def lower_rate(window: Window, player: str, factor: float = 0.5) -> list[Remedy]:
    """Returns the advice to multiply a player's rate, with the config line; none if its rate is not one number.

    A rate that no multiple of a few makes a usual one is to become the usual one instead, if the optimizer is of
    Adam's kind, whose rates are alike everywhere.
    """
    rate = window.rate_of(player)
    text = window.facts.get("optimizers", {}).get(player)
    if not rate or not text:
        return []
    far = rate > FAR * USUAL[player] if factor < 1.0 else rate < USUAL[player] / FAR
    new = USUAL[player] if far and "Adam" in text else rate * factor
    line = re.sub(r"\(([^,)]+)", f"({written(new)}", text, count=1)
    verb = "Lower" if new < rate else "Raise"
    return [Remedy(f"{verb} the {player}'s learning rate, which is {rate:g}.", f"--config.{player}_optimizer='{line}'")]


def faster_critic(window: Window) -> list[Remedy]:
    """Returns the advice to raise the critic's rate to four times the generator's, or twofold if it is there."""
    critic, generator = (window.rate_of(player) for player in PLAYERS)
    behind = 4.0 * generator / critic if critic and generator else 0.0
    return lower_rate(window, "discriminator", factor=behind if behind > 1.0 else 2.0)


def clip_gradient(window: Window, player: str, norm: float = 10.0) -> list[Remedy]:
    """Returns the advice to clip a player's whole gradient, with the config line; none if it is clipped already."""
    text = window.facts.get("optimizers", {}).get(player)
    if not text or "clipnorm" in text:
        return []
    line = f"--config.{player}_optimizer='{text[:-1]}, global_clipnorm={written(norm)})'"
    return [Remedy(f"Clip the gradient of the whole {player}.", line)]
