"""The numbers of a run, one line each time, for any program to read."""

from pathlib import Path

from tfgan_tricks.callbacks.json_lines import append, finite, rewind
from tfgan_tricks.callbacks.periodic import Periodic, Speed, images_seen


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

    writes_logs = True

    def __init__(self, path: str | Path, every_images: int | None = None):
        super().__init__(every_images)
        self.path = Path(path)

    def start(self, images):
        kept = rewind(self.path, images)
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
            **{name: finite(value) for name, value in logs.items()},
        }
        self.speed.mark(images)
        append(self.path, row)
