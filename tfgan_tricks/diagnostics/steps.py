"""Single steps, read off the running means that a model logs."""

import math
from collections.abc import Mapping

WATCHED = ("discriminator_loss", "generator_loss", "discriminator_gradient_norm", "generator_gradient_norm")


class Steps:
    """Means, deviations and maxima over the steps of a span, from logs that are means since their epoch began.

    m steps with a mean of a, and then n more with a mean of b over all, have a mean of (b·(m + n) - a·m) / n: so the
    value of each step is known from two running means, to a relative error of about 1e-7 times the steps since the
    epoch began. Where several steps lie between two calls, their mean stands for them.

    Args:
        means: names of those logs that are running means; others are taken as they are.
    """

    def __init__(self, means: set[str]):
        self.means = means
        self.begin_epoch()

    def begin_epoch(self) -> None:
        """Forgets everything: the means start again."""
        self.count = 0
        self.totals: dict[str, float] = {}
        self.begin_span()

    def begin_span(self) -> None:
        """Starts a new span at the present step."""
        self.before = (self.count, dict(self.totals))
        self.spread: dict[str, list[float]] = {name: [] for name in WATCHED}

    def add(self, count: int, logs: Mapping[str, float]) -> None:
        """Takes the logs after `count` steps of the epoch."""
        for name in WATCHED:
            if name in logs and count > self.count:
                total = float(logs[name]) * count
                self.spread[name].append((total - self.totals.get(name, 0.0)) / (count - self.count))
                self.totals[name] = total
        self.count = max(self.count, count)

    def span(self, logs: Mapping[str, float]) -> dict[str, float]:
        """Returns all logs as means over the span, with `<name>_std` and `<name>_max` of what is watched."""
        count, totals = self.before
        steps = self.count - count
        values = {}
        for name, value in logs.items():
            values[name] = float(value)
            if name in self.means and steps:
                total = float(value) * self.count
                values[name] = (total - totals.get(name, 0.0)) / steps
                self.totals[name] = total
        for name, single in self.spread.items():
            if single:
                mean = math.fsum(single) / len(single)
                values[f"{name}_max"] = max(single)
                values[f"{name}_std"] = math.sqrt(math.fsum((value - mean) ** 2 for value in single) / len(single))
        return values
