"""What stays the same during a training and what detectors must know to read its signals."""

import inspect
import math
from typing import Any

import keras
from keras import ops

from tfgan_tricks.randomness import SeedStream
from tfgan_tricks.schedules.learning_rate import inner_optimizers
from tfgan_tricks.types import PLAYERS


def facts_of(gan) -> dict[str, Any]:
    """Returns facts about a compiled GAN, in types that JSON has.

    * `update_rule`, `loss`, `averaging`: names of classes, "" for none; `terms`, `inputs`: lists of them.
    * `loss_text`: the loss with its arguments, as a config has it.
    * `boundary`: the logit above which the critic calls an image real, `None` where the game fixes none.
    * `indifferent`: by player, what the adversarial loss costs a player whose critic answers 0 to everything.
    * `critic_steps`; `half_life_images` of the averaging, `None` without.
    * `rates`: by player, the learning rate at this moment, `None` if there is not one; `optimizers`: by player, text.
    * `image_shape`; `parameters`: by player, how many trainable numbers; `networks`: by player, the names of its own.
    """
    loss, averaging = gan.adversarial_loss, gan.averaging
    return {
        "update_rule": type(gan).__name__,
        "loss": type(loss).__name__,
        "loss_text": repr(loss),
        "boundary": loss.boundary,
        "indifferent": {player: _indifferent(loss, player) for player in loss.players},
        "terms": [type(term).__name__ for term in gan.terms],
        "inputs": [type(transform).__name__ for transform in gan.input_transforms],
        "critic_steps": gan.critic_steps,
        "averaging": type(averaging).__name__ if averaging else "",
        "half_life_images": getattr(averaging, "half_life_images", None),
        "rates": {player: rate_of(gan, player) for player in PLAYERS},
        "optimizers": {player: _optimizer_text(gan, player) for player in PLAYERS},
        "networks": {"generator": list(gan.task.generators), "discriminator": list(gan.task.critics)},
        "image_shape": list(gan.task.image_shape),
        "parameters": {player: sum(math.prod(v.shape) for v in gan.variables_of(player)) for player in PLAYERS},
    }


def rate_of(gan, player: str) -> float | None:
    """Returns the present learning rate of a player, `None` if it has no optimizer of its own."""
    found = _optimizers(gan, player)
    if len(found) != 1:
        return None
    rate = found[0].learning_rate  # a variable, or what a schedule says now
    return float(rate.numpy() if hasattr(rate, "numpy") else ops.convert_to_numpy(rate))


def signals_of_rates(gan) -> dict[str, float]:
    """Returns the players' present learning rates as signals, "rate/generator" and "rate/discriminator"."""
    rates = {f"rate/{player}": rate_of(gan, player) for player in PLAYERS}
    return {name: rate for name, rate in rates.items() if rate is not None}


def _optimizers(gan, player: str) -> list[keras.optimizers.Optimizer]:
    optimizer = getattr(gan, f"{player}_optimizer", None)
    return [] if optimizer is None else inner_optimizers(optimizer)


def _optimizer_text(gan, player: str) -> str:
    found = _optimizers(gan, player)
    if len(found) != 1:
        return ""
    kind = type(found[0])
    usual = {name: argument.default for name, argument in inspect.signature(kind).parameters.items()}
    config = found[0].get_config()
    changed = [n for n, v in config.items() if n not in ("name", "learning_rate") and v != usual.get(n)]
    settings = "".join(f", {name}={config[name]!r}" for name in changed)
    return f"{kind.__name__}({written(rate_of(gan, player) or 0.0)}{settings})"


def written(number: float) -> str:
    """Returns a number as a config has it: to four digits, and with a point, since Keras asks for a float."""
    return repr(float(f"{number:.4g}"))


def _indifferent(loss, player: str) -> float:
    zero = {"real": ops.zeros((1, 1)), "fake": ops.zeros((1, 1)), "seed": SeedStream.from_integer(0)}
    return float(sum(ops.convert_to_numpy(ops.mean(part)) for part in getattr(loss, player)(**zero).values()))
