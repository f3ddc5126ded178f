"""What is played, in which variants, and for how long."""

import dataclasses
import math
from collections.abc import Mapping
from typing import ClassVar

import keras
import numpy as np
import tensorflow as tf

import tfgan_tricks as tt

STEPS_AT_ONCE = 100  # per call of the compiled function: a step takes milliseconds, and so does a call


@dataclasses.dataclass(frozen=True)
class Protocol:
    """How long a trial takes, and how many there are.

    Attributes:
        examples: in the data set; with packing, packs.
        batch: examples in a step.
        steps: of both players.
        evaluated: generated samples that are judged in the end.
        trials: with seeds 0, 1, ...
    """

    examples: int
    batch: int
    steps: int
    evaluated: int
    trials: int

    @property
    def epochs(self) -> float:
        """How often each example is seen."""
        return self.steps * self.batch / self.examples


@dataclasses.dataclass(frozen=True)
class Variant:
    """What is done against the loss of modes.

    Attributes:
        packing: images that the critic sees at once.
        unroll: critic steps that the generator foresees.
    """

    packing: int = 1
    unroll: int = 0

    @property
    def inputs(self) -> list:
        """Returns what stands between images and critic."""
        return [tt.inputs.Packing(self.packing)] if self.packing > 1 else []


class Game:
    """A data set, the networks that play on it, and how the generator is judged.

    Attributes:
        name: in the file of results.
        protocols: "quick" and "full", the paper's.
        variants: by name.
        measures: numbers that `judge` returns and that are averaged over trials.
        xla: whether XLA makes the step faster on a processor; `modes.py --speed` tells.
    """

    name: str
    protocols: ClassVar[Mapping[str, Protocol]]
    variants: ClassVar[Mapping[str, Variant]]
    measures: tuple[str, ...]
    xla: bool

    def gan(self, variant: Variant, seed: int, **options) -> keras.Model:
        """Returns a compiled model; options of `compile` such as `jit_compile`."""
        raise NotImplementedError

    def execution(self, steps: int) -> dict:
        """Returns how `compile` is told to run: many steps in one call."""
        return {"jit_compile": self.xla, "steps_per_execution": math.gcd(STEPS_AT_ONCE, steps)}

    def batches(self, variant: Variant, protocol: Protocol, seed: int) -> tf.data.Dataset:
        """Returns the endless stream of batches that it trains on."""
        raise NotImplementedError

    def judge(self, samples: np.ndarray) -> dict:
        """Returns what is measured on generated samples."""
        raise NotImplementedError
