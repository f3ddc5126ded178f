"""Targets of the discriminator, softened or drawn at random."""

import keras
from keras import ops

from tfgan_tricks.checks import check_range, explain


def check_smoothing(argument: str, value):
    """Returns `value`, a pair as a tuple (a file hands it back as a list).

    Raises:
        ValueError: unless it is a share in [0, 1) or an increasing pair of targets.
    """
    if isinstance(value, tuple | list):
        numbers = all(isinstance(end, int | float) for end in value)
        if len(value) != 2 or not numbers or not value[0] < value[1]:
            raise ValueError(
                explain(
                    f"`{argument}` must be a number or a range.",
                    received=f"{argument}={value!r}",
                    expected="a share such as 0.1, or a pair (low, high) with low < high, such as (0.7, 1.2)",
                    fix="put the smaller target first.",
                )
            )
        return tuple(value)
    check_range(argument, value, low=0.0, high=1.0, high_open=True)
    return value


def soft_targets(logits, side: str, smoothing, seed, *, fake_target: float = 0.0, real_target: float = 1.0):
    """Returns the targets for the `logits` of one side, softened.

    A number s moves them by that share of the way to the other side's target. A pair (low, high) gives each
    **example** a target of its own, uniform in that range on a scale where 0 is the fake and 1 the real target.

    Args:
        logits: [n, ...].
        side: "real" or "fake": whose logits they are.
        smoothing: number or pair.
        seed: where a range takes its random numbers from.
        fake_target: target of generated images without smoothing.
        real_target: target of real images without smoothing.

    Returns:
        a number, or a tensor of shape [n, 1, ...].
    """
    if isinstance(smoothing, tuple | list):
        shape = (ops.shape(logits)[0], *(1,) * (len(logits.shape) - 1))
        position = keras.random.uniform(shape, *smoothing, dtype="float32", seed=seed)  # [n, 1, ...]
    else:
        position = 1.0 - smoothing if side == "real" else smoothing
    return fake_target + position * (real_target - fake_target)
