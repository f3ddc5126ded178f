"""Remedies that several detectors name, with the numbers of the training at hand."""

import re

from tfgan_tricks.diagnostics.finding import Remedy
from tfgan_tricks.diagnostics.window import Window


def lower_rate(window: Window, player: str, factor: float = 0.5) -> list[Remedy]:
    """Returns the advice to multiply a player's rate, with the config line; none if its rate is not one number."""
    rate = window.facts.get("rates", {}).get(player)
    text = window.facts.get("optimizers", {}).get(player)
    if not rate or not text:
        return []
    line = re.sub(r"\(([^,)]+)", f"({rate * factor:g}", text, count=1)
    verb = "Lower" if factor < 1 else "Raise"
    return [Remedy(f"{verb} the {player}'s learning rate, which is {rate:g}.", f"--config.{player}_optimizer='{line}'")]


def faster_critic(window: Window) -> list[Remedy]:
    """Returns the advice to raise the critic's rate to four times the generator's, or twofold if it is there."""
    rates = window.facts.get("rates", {})
    critic, generator = rates.get("discriminator"), rates.get("generator")
    behind = critic and generator and critic < 4.0 * generator
    return lower_rate(window, "discriminator", factor=4.0 * generator / critic if behind else 2.0)


def clip_gradient(window: Window, player: str, norm: float = 10.0) -> list[Remedy]:
    """Returns the advice to clip a player's whole gradient, with the config line; none if it is clipped already."""
    text = window.facts.get("optimizers", {}).get(player)
    if not text or "clipnorm" in text:
        return []
    line = f"--config.{player}_optimizer='{text[:-1]}, global_clipnorm={norm:g})'"
    return [Remedy(f"Clip the gradient of the whole {player}.", line)]
