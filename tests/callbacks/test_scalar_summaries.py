"""Scalars in TensorBoard, over images seen."""

import contextlib

import pytest
import tensorflow as tf
from tensorflow.python.summary.summary_iterator import summary_iterator

from tests.callbacks.tiny import tiny_gan
from tfgan_tricks.callbacks import ScalarSummaries
from tfgan_tricks.callbacks.summaries import summaries
from tfgan_tricks.files import WriteError


def test_the_steps_are_images_and_the_interval_is_kept(tmp_path):
    gan = tiny_gan()
    callback = ScalarSummaries(tmp_path, every_images=10)
    callback.set_model(gan)
    callback.on_train_begin()
    for batch, images in enumerate((8, 16, 24, 32)):
        gan.images_seen.assign(images)
        callback.on_train_batch_end(batch, {"loss": images / 10})
    callback.on_epoch_end(0, {"loss": 0.0})
    gan.images_seen.assign(36)
    callback.on_train_end({"loss": 3.6})
    (file,) = tmp_path.iterdir()
    events = [event for event in summary_iterator(str(file)) if event.summary.value]
    assert [event.step for event in events] == [16, 24, 32, 36]
    assert {value.tag for event in events for value in event.summary.value} == {"loss"}


def test_events_that_do_not_fit_on_the_disk_are_one_message():
    class Full:
        def as_default(self):
            return contextlib.nullcontext()

        def flush(self):
            raise tf.errors.ResourceExhaustedError(None, None, "events.v2; No space left on device\n\tmore")

    with pytest.raises(WriteError, match=r"Received: events\.v2; No space left on device\n"), summaries(Full()):
        pass
