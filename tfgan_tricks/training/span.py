"""Where in a run a stage lies."""

import dataclasses
from collections.abc import Iterator


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

    def legs(self, images_seen: int) -> Iterator[tuple[int, int, int]]:
        """Yields (first epoch, end of epochs, steps per epoch) of what is left; the first may end a begun epoch."""
        done = max(0, -(-(images_seen - self.start) // self.batch_size))
        epoch, inside = divmod(done, self.steps)
        if inside:
            yield self.first_epoch + epoch, self.first_epoch + epoch + 1, self.steps - inside
            epoch += 1
        if epoch < self.epochs:
            yield self.first_epoch + epoch, self.first_epoch + self.epochs, self.steps
