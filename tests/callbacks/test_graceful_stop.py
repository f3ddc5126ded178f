"""Training that was told to stop goes on as if it never had."""

import json
import os
import signal
import threading

import keras
import numpy as np
import pytest

import tfgan_tricks as tt
from tests.support import tiny
from tfgan_tricks.callbacks.checkpoints import checkpoints, latest, restore

BATCH, STEPS, EPOCHS = 8, 5, 3


class Ask(keras.callbacks.Callback):
    """Sends this process a signal after so many steps in all."""

    def __init__(self, after: int, number=signal.SIGTERM):
        super().__init__()
        self.left, self.number = after, number

    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), self.number)


def train(gan, folder, *others, stop=None, epoch=0, epochs=EPOCHS, steps=STEPS, **how):
    """Trains as a user would who writes everything down, every 12 images and every epoch."""
    dataset = tt.data.load("digits", resolution=8, batch_size=BATCH, start=int(gan.images_seen.numpy()))
    written = [
        tt.callbacks.MetricsLog(folder / "epochs.jsonl"),
        tt.callbacks.MetricsLog(folder / "often.jsonl", every_images=12),
        tt.callbacks.Checkpointing(folder / "checkpoints"),
    ]
    how |= {"initial_epoch": epoch, "epochs": epochs, "steps_per_epoch": steps, "verbose": 0}
    gan.fit(dataset, callbacks=[*others, *written, *([stop] if stop else [])], **how)


def rows(path) -> list[dict]:
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return [{name: value for name, value in line.items() if "second" not in name} for line in lines]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    keras.utils.set_random_seed(0)
    folder = tmp_path_factory.mktemp("undisturbed")
    gan = tiny.gan_of()
    train(gan, folder)
    return gan, folder


@pytest.mark.parametrize("after", [7, 10], ids=["within_an_epoch", "with_an_epoch"])
def test_a_stopped_training_goes_on_to_the_same_end_and_the_same_history(tmp_path, undisturbed, after):
    whole, quiet = undisturbed
    gan, stop = tiny.gan_of(), tt.callbacks.GracefulStop()
    train(gan, tmp_path, Ask(after), stop=stop)
    assert stop.reason == "SIGTERM"
    assert int(gan.images_seen.numpy()) == after * BATCH
    assert max(checkpoints(tmp_path / "checkpoints")) == after * BATCH

    again = tiny.gan_of()
    restore(again, latest(tmp_path / "checkpoints"))
    epoch, begun = divmod(after, STEPS)
    if begun:
        left = {"steps": STEPS - begun, "begun_steps": begun, "goes_on": True}
        train(again, tmp_path, epoch=epoch, epochs=epoch + 1, **left)
        epoch += 1
    train(again, tmp_path, epoch=epoch)
    for mine, other in zip(again.variables, whole.variables, strict=True):
        np.testing.assert_array_equal(mine.numpy(), other.numpy())
    assert rows(tmp_path / "epochs.jsonl") == rows(quiet / "epochs.jsonl")
    assert rows(tmp_path / "often.jsonl") == rows(quiet / "often.jsonl")
    assert len(rows(quiet / "epochs.jsonl")) == EPOCHS


def test_time_that_is_up_stops_after_one_step(tmp_path):
    gan, stop = tiny.gan_of(), tt.callbacks.GracefulStop(max_minutes=0.0)
    train(gan, tmp_path, stop=stop)
    assert (stop.reason, gan.interrupted, int(gan.images_seen.numpy())) == ("max_minutes=0", "within an epoch", BATCH)
    assert rows(tmp_path / "epochs.jsonl") == [] if (tmp_path / "epochs.jsonl").exists() else True


def test_an_epoch_that_is_cut_keeps_its_means_for_the_rest_of_it(tmp_path):
    gan = tiny.gan_of()
    held_out = tt.data.load("digits", resolution=8, batch_size=BATCH).take(2)
    train(gan, tmp_path, Ask(STEPS + 2), stop=tt.callbacks.GracefulStop(), validation_data=held_out)
    assert {int(metric.count.numpy()) for metric in gan.metrics} == {2}
    assert len([name for name in rows(tmp_path / "epochs.jsonl")[-1] if name.startswith("val_")]) > 0


def test_the_end_of_training_is_no_interruption(tmp_path):
    gan, stop = tiny.gan_of(), tt.callbacks.GracefulStop()
    train(gan, tmp_path, Ask(2 * STEPS), stop=stop, epochs=2)
    assert (gan.interrupted, stop.reason, len(rows(tmp_path / "epochs.jsonl"))) == ("", None, 2)


def test_the_end_of_the_rest_of_an_epoch_is_an_interruption(tmp_path):
    gan, stop = tiny.gan_of(), tt.callbacks.GracefulStop()
    train(gan, tmp_path, Ask(STEPS), stop=stop, epochs=1, goes_on=True)
    assert (gan.interrupted, stop.reason, int(gan.images_seen.numpy())) == ("after an epoch", "SIGTERM", STEPS * BATCH)


def test_handlers_are_given_back_also_after_an_error(tmp_path):
    class Fails(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            assert signal.getsignal(signal.SIGTERM) != before
            raise RuntimeError("on purpose")

    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(RuntimeError, match="on purpose"):
        train(tiny.gan_of(), tmp_path, Fails(), stop=tt.callbacks.GracefulStop())
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_second_signal_is_not_caught():
    default = signal.getsignal(signal.SIGINT)
    with tt.callbacks.GracefulStop():
        os.kill(os.getpid(), signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) == default
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_in_another_thread_only_the_minutes_count():
    before, seen = signal.getsignal(signal.SIGTERM), []

    def enter():
        with tt.callbacks.GracefulStop(max_minutes=1.0):
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert seen == [before]


def test_a_negative_limit_is_refused():
    with pytest.raises(ValueError, match="max_minutes"):
        tt.callbacks.GracefulStop(max_minutes=-1.0)
