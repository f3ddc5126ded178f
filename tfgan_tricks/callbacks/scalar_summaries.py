"""The numbers of a run in TensorBoard."""

from pathlib import Path

import tensorflow as tf

from tfgan_tricks.callbacks.periodic import Periodic
from tfgan_tricks.callbacks.summaries import summaries, summary_writer


class ScalarSummaries(Periodic):
    """Shows all logs in TensorBoard, over images seen.

    Keras' own TensorBoard callback counts epochs, which compares nothing between runs of different batch or epoch
    size. The values are means over the epoch so far.

    Args:
        log_dir: folder of TensorBoard's events; created where it does not exist. `ImageGrid` may write to the same.
        every_images: images between two points; one after each epoch unless given.

    **Cost**: below a millisecond per point.

    **Combines badly with**: `keras.callbacks.TensorBoard` in the same folder: TensorBoard follows one file per folder.

    Example:

    >>> callback = tt.callbacks.ScalarSummaries("logs", every_images=1_000)
    >>> # gan.fit(dataset, epochs=10, callbacks=[callback])
    """

    writes_logs = True

    def __init__(self, log_dir: str | Path, every_images: int | None = None):
        super().__init__(every_images)
        self.log_dir = Path(log_dir)

    def start(self, images):
        self.writer = summary_writer(self.log_dir)

    def act(self, images, logs):
        with summaries(self.writer):
            for name, value in logs.items():
                tf.summary.scalar(name, float(value), step=images)
