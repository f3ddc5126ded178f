"""The numbers of a run, one line each time, for any program to read."""

import json
import math
import os
from pathlib import Path

from absl import logging

from tfgan_tricks.callbacks.periodic import Periodic, Speed, images_seen
from tfgan_tricks.checks import explain
from tfgan_tricks.files import WriteError, prepare_directory, write_atomically


class MetricsLog(Periodic):
    """Appends all logs to a file, one JSON object per line.

    Each has `images_seen`, `seconds` (of training, those of earlier parts of a resumed run included),
    `images_per_second` (since the line before, without the very first step) and everything that the model logs: means
    over the epoch so far. A value that is not finite is written as `null`. When training begins, half a line of a
    killed run is removed, and so are lines of images that the model has not seen, because it went back to a
    checkpoint: a run has one history, however often it was interrupted.

    Args:
        path: file to append to; it and its folder are created where they do not exist.
        every_images: images between two lines; one after each epoch unless given.

    **Cost**: one short write per line.

    **Combines badly with**: nothing known.

    Example:

    >>> callback = tt.callbacks.MetricsLog("metrics.jsonl", every_images=1_000)
    >>> # gan.fit(dataset, epochs=10, callbacks=[callback])
    """

    def __init__(self, path: str | Path, every_images: int | None = None):
        super().__init__(every_images)
        self.path = Path(path)

    def start(self, images):
        prepare_directory(self.path.parent)
        rows = read_metrics(self.path)
        kept = [row for row in rows if row["images_seen"] <= images]
        if self.path.exists():  # always rewritten: the last line may lack its end
            if len(kept) < len(rows):
                logging.info("%d lines of %s lie ahead of the model and go.", len(rows) - len(kept), self.path)
            text = "".join(json.dumps(row) + "\n" for row in kept)
            write_atomically(self.path, lambda temporary: temporary.write_text(text, encoding="utf-8"))
        self.seconds_before = kept[-1].get("seconds", 0.0) if kept else 0.0
        self.speed = Speed()

    def on_train_batch_end(self, batch, logs=None):
        if not self.speed.started:
            self.speed.mark(images_seen(self.model))
        super().on_train_batch_end(batch, logs)

    def act(self, images, logs):
        rate = self.speed.rate(images)
        row = {
            "images_seen": images,
            "seconds": round(self.seconds_before + self.speed.seconds(), 3),
            "images_per_second": None if rate is None else round(rate, 3),
            **{name: _number(value) for name, value in logs.items()},
        }
        self.speed.mark(images)
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row, allow_nan=False) + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise WriteError(
                explain(
                    f"'{self.path}' could not be written.",
                    received=f"{type(error).__name__}: {error.strerror or error}",
                    expected="a file with permission to write, and free space",
                    fix="free space, or choose another file, and run again.",
                )
            ) from error


def read_metrics(path: str | Path) -> list[dict]:
    """Returns the rows of a metrics file, without a last line that a killed run left unfinished.

    Raises:
        ValueError: if any other line is no JSON object with `images_seen`.
    """
    path = Path(path)
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
    rows = []
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if isinstance(row, dict) and isinstance(row.get("images_seen"), int):
            rows.append(row)
        elif number < len(lines):
            raise ValueError(
                explain(
                    f"'{path}' is no metrics file.",
                    received=f"line {number}: {line[:80]!r}",
                    expected="one JSON object with 'images_seen' per line",
                    fix="choose another file, or remove that line.",
                )
            )
    return rows


def _number(value) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None
