"""Where in a run a stage lies, and what of it is left."""

import dataclasses
from collections.abc import Iterator
from typing import Any


@dataclasses.dataclass(frozen=True)
class Leg:
    """Epochs that one `fit` trains.

    Attributes:
        initial_epoch: number of the first one.
        epochs: number of the last one, plus one.
        steps_per_epoch: in this leg.
        begun_steps: steps of the first epoch that were done before.
        goes_on: whether another leg of the span follows.
    """

    initial_epoch: int
    epochs: int
    steps_per_epoch: int
    begun_steps: int = 0
    goes_on: bool = False

    @property
    def steps(self) -> int:
        """Steps of the whole leg."""
        return (self.epochs - self.initial_epoch) * self.steps_per_epoch

    @property
    def how(self) -> dict[str, Any]:
        """The leg as arguments of `fit`."""
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True)
class Span:
    """When a stage runs.

    Attributes:
        start: images seen before its first step.
        batch_size: images per step.
        steps: per epoch.
        first_epoch: epochs of the run before it.
        epochs: of this stage.
    """

    start: int
    batch_size: int
    steps: int
    first_epoch: int
    epochs: int

    @property
    def end(self) -> int:
        """Images seen after its last step."""
        return self.start + self.epochs * self.steps * self.batch_size

    def legs(self, images_seen: int) -> Iterator[Leg]:
        """Yields what is left; the first leg may end an epoch that was begun."""
        done = max(0, -(-(images_seen - self.start) // self.batch_size))
        epoch, inside = divmod(done, self.steps)
        first, end = self.first_epoch + epoch, self.first_epoch + self.epochs
        if inside and first < end:
            yield Leg(first, first + 1, self.steps - inside, inside, goes_on=first + 1 < end)
            first += 1
        if first < end:
            yield Leg(first, end, self.steps)
