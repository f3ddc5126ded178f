"""How far training is, on the screen."""

import sys
import time
from typing import TextIO

import keras

from tfgan_tricks.callbacks.periodic import Speed, images_seen
from tfgan_tricks.checks import check_integer, check_range
from tfgan_tricks.output import say

BAR = 20  # characters
WINDOW = 20  # updates over which the speed is taken
TERMINAL_SECONDS, FILE_SECONDS = 0.5, 10.0
SHOWN = {
    "loss D": "discriminator_loss",
    "G": "generator_loss",
    "D(x)": "real_probability",
    "D(G(z))": "fake_probability",
}


class Progress(keras.callbacks.Callback):
    """Shows images seen, images per second, both losses, D(x) and D(G(z)) on one line.

    On a terminal the line is drawn anew in its place, with a bar; in a file or a pipe a line is added from time to
    time; training goes on where that cannot be written any more. Pass `verbose=0` to `fit`, so that Keras' own bar
    does not draw between the lines. The speed is that of the last 20 updates by the wall clock, without the very first
    step, which builds the graph; losses and probabilities are means over the epoch so far.

    Args:
        total_images: images seen at the end of training, for the bar and the time left; neither unless given.
        every_seconds: seconds between two updates; 0.5 on a terminal and 10 elsewhere unless given.
        stream: where to write; the standard output unless given.

    **Cost**: none that can be measured.

    **Combines badly with**: `fit(verbose=1)`.

    Example:

    >>> callback = tt.callbacks.Progress(total_images=640_000)
    >>> # gan.fit(dataset, epochs=10, verbose=0, callbacks=[callback])
    """

    chief_only = True

    def __init__(
        self, total_images: int | None = None, every_seconds: float | None = None, stream: TextIO | None = None
    ):
        super().__init__()
        if total_images is not None:
            check_integer("total_images", total_images, at_least=1)
        if every_seconds is not None:
            check_range("every_seconds", every_seconds, low=0.0)
        self.total_images = total_images
        self.every_seconds = every_seconds
        self.stream = stream

    def on_train_begin(self, logs=None):
        self.out = self.stream or sys.stdout
        self.terminal = self.out is not None and self.out.isatty()  # a process may have no output
        default = TERMINAL_SECONDS if self.terminal else FILE_SECONDS
        self.pause = default if self.every_seconds is None else self.every_seconds
        self.speed = Speed(marks=WINDOW)
        self.rate: float | None = None
        self.shown_at = time.perf_counter()
        self.shown_images = images_seen(self.model)
        self.width = 0

    def on_train_batch_end(self, batch, logs=None):
        first = not self.speed.started
        if first:
            self.speed.mark(images_seen(self.model))
        if time.perf_counter() - self.shown_at >= self.pause or (first and self.terminal):
            self._show(logs or {})

    def on_train_end(self, logs=None):
        if images_seen(self.model) != self.shown_images:
            self._show(logs or {})
        if self.terminal and self.width:
            say("\n", self.out)

    def _show(self, logs: dict) -> None:
        images = images_seen(self.model)
        self.rate = self.speed.rate(images) or self.rate
        self.speed.mark(images)
        line = self.line(images, logs)
        if self.terminal:  # what the last line had more is overwritten
            say("\r" + line.ljust(self.width), self.out)
            self.width = len(line)
        else:
            say(line + "\n", self.out)
        self.shown_at, self.shown_images = time.perf_counter(), images

    def line(self, images: int, logs: dict) -> str:
        """Returns the line for `images` images seen."""
        parts = [f"{images:,} images"]
        total, rate = self.total_images, self.rate
        if total:
            done = min(images / total, 1.0)
            parts = [f"{images:,} of {total:,} images ({done:.0%})"]
            if self.terminal:
                parts[0] = f"[{'=' * int(BAR * done):<{BAR}}] {parts[0]}"
        if rate:
            parts.append(f"{rate:,.1f} images/s")
            if total and images < total:
                parts.append(f"{_duration((total - images) / rate)} left")
        values = [f"{label} {float(logs[name]):.3f}" for label, name in SHOWN.items() if name in logs]
        return " | ".join([*parts, "  ".join(values)] if values else parts)


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02d}m" if hours else f"{minutes}m{seconds:02d}s" if minutes else f"{seconds}s"
