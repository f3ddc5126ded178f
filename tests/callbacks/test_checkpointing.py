"""Checkpoints: nothing is lost by going on from one, and nothing that happens while saving ruins an earlier one."""

import errno
import json
import resource
import shutil
import zipfile

import keras
import numpy as np
import pytest

from tests.callbacks.tiny import BreaksAfter, state, tiny_dataset, tiny_gan
from tfgan_tricks.callbacks import Checkpointing
from tfgan_tricks.callbacks.checkpointing import non_finite_variables
from tfgan_tricks.callbacks.checkpoints import DamagedCheckpointError, check, checkpoint_path, latest, restore, save
from tfgan_tricks.files import WriteError
from tfgan_tricks.penalties import R1


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of two epochs with a checkpoint after each, and its final state after a third."""
    folder = tmp_path_factory.mktemp("run")
    gan = tiny_gan(terms=[R1(gamma=1.0, every=3)], eager=False)
    gan.fit(tiny_dataset(), epochs=2, verbose=0, callbacks=[Checkpointing(folder)])
    after_two = state(gan)
    gan.fit(tiny_dataset(), epochs=1, verbose=0)
    return folder, after_two, state(gan)


@pytest.mark.parametrize("how", ["restore", "load_model"])
def test_a_continued_run_equals_the_uninterrupted_one_to_the_last_bit(run, how):
    folder, after_two, after_three = run
    assert names(folder) == ["checkpoint-000000000032.keras", "checkpoint-000000000064.keras"]
    if how == "restore":
        gan = tiny_gan(seed=99, terms=[R1(gamma=1.0, every=3)], eager=False)
        assert restore(gan, latest(folder)) == 64
    else:
        gan = keras.models.load_model(latest(folder))
    for expected, value in zip(after_two, state(gan), strict=True):
        np.testing.assert_array_equal(value, expected)
    gan.fit(tiny_dataset(), epochs=1, verbose=0)
    for expected, value in zip(after_three, state(gan), strict=True):
        np.testing.assert_array_equal(value, expected)
    assert any((a != b).any() for a, b in zip(after_two, after_three, strict=True))


def test_a_checkpoint_says_what_it_is(run):
    facts = check(latest(run[0]))
    assert (facts["format"], facts["images_seen"], facts["keras"]) == (1, 64, keras.__version__)


def test_another_model_is_refused(run):
    with pytest.raises(ValueError, match="The checkpoint does not fit the model"):
        restore(tiny_gan(width=7), latest(run[0]))


def test_another_optimizer_is_refused(run):
    other = tiny_gan(discriminator_optimizer=keras.optimizers.SGD(0.1))
    with pytest.raises(ValueError, match="The checkpoint does not fit the model"):
        restore(other, latest(run[0]))


def test_the_newest_are_kept(tmp_path):
    callback = Checkpointing(tmp_path, keep=2, every_images=8)
    tiny_gan().fit(tiny_dataset(), verbose=0, callbacks=[callback])
    assert names(tmp_path) == ["checkpoint-000000000024.keras", "checkpoint-000000000032.keras"]


def test_the_end_of_training_is_saved(tmp_path):
    callback = Checkpointing(tmp_path, every_images=24)
    tiny_gan().fit(tiny_dataset(), verbose=0, callbacks=[callback])
    assert names(tmp_path) == ["checkpoint-000000000024.keras", "checkpoint-000000000032.keras"]


def damage(path, how):
    content = bytearray(path.read_bytes())
    if how == "truncated":
        path.write_bytes(content[: len(content) // 2])
    elif how == "one byte":
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "no weights":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("config.json", "{}")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A folder with checkpoints of one model at 8, 16 and 24 images."""
    folder = tmp_path_factory.mktemp("three")
    gan = tiny_gan()
    for images in (8, 16, 24):
        gan.images_seen.assign(images)
        save(gan, checkpoint_path(folder, images))
    return folder


@pytest.fixture
def three(saved, tmp_path):
    """A copy of that folder."""
    return shutil.copytree(saved, tmp_path / "three")


@pytest.mark.parametrize("how", ["truncated", "one byte", "empty", "no weights"])
def test_a_damaged_checkpoint_is_reported_and_passed_over(three, how, caplog):
    path = checkpoint_path(three, 24)
    damage(path, how)
    with pytest.raises(DamagedCheckpointError, match="is damaged"):
        check(path)
    assert latest(three) == checkpoint_path(three, 16)
    assert "passed over" in caplog.text
    assert str(path) in caplog.text
    with pytest.raises(DamagedCheckpointError):
        restore(tiny_gan(), path)


def test_no_checkpoint_is_whole(three, tmp_path):
    for images in (8, 16, 24):
        damage(checkpoint_path(three, images), "truncated")
    assert latest(three) is None
    assert latest(tmp_path / "nowhere") is None


def test_a_later_format_is_refused_not_passed_over(three):
    with zipfile.ZipFile(checkpoint_path(three, 24), "a") as archive:
        archive.comment = json.dumps({"format": 2, "tfgan_tricks": "9.0"}).encode()
    with pytest.raises(ValueError, match="written by a later version"):
        latest(three)


def test_damaged_and_later_checkpoints_do_not_cost_the_good_one(three):
    damage(checkpoint_path(three, 24), "truncated")
    gan = tiny_gan()
    restore(gan, latest(three))
    callback = Checkpointing(three, keep=1)
    callback.set_model(gan)
    callback.on_train_begin()
    gan.images_seen.assign(20)
    callback.on_epoch_end(0, {})
    assert latest(three) == checkpoint_path(three, 20)
    gan.images_seen.assign(24)
    callback.on_epoch_end(1, {})
    assert names(three) == ["checkpoint-000000000024.keras"]
    assert latest(three) == checkpoint_path(three, 24)


def test_a_folder_of_a_run_that_went_further_is_refused(three):
    gan = tiny_gan()
    with pytest.raises(ValueError, match="later checkpoint than the model"):
        gan.fit(tiny_dataset(), verbose=0, callbacks=[Checkpointing(three)])
    assert len(names(three)) == 3


def test_leftovers_of_a_killed_process_are_removed(three):
    (three / ".tmp-xyz").mkdir()
    (three / ".tmp-xyz" / "checkpoint-000000000032.keras").write_bytes(b"half")
    assert latest(three) == checkpoint_path(three, 24)
    gan = tiny_gan()
    restore(gan, latest(three))
    callback = Checkpointing(three)
    callback.set_model(gan)
    callback.on_train_begin()
    assert names(three) == [checkpoint_path(three, images).name for images in (8, 16, 24)]


@pytest.mark.parametrize("when", ["while writing", "in the end", "quota"])
def test_a_full_disk_leaves_the_last_checkpoint_valid(three, when, monkeypatch):
    gan = tiny_gan()
    gan.images_seen.assign(32)
    no_space = OSError(errno.ENOSPC, "No space left on device")

    def fail(*args, **kwargs):
        raise no_space

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    if when == "while writing":
        monkeypatch.setattr(zipfile._ZipWriteFile, "write", fail)
    elif when == "in the end":
        monkeypatch.setattr("os.fsync", fail)
    else:  # the operating system refuses any file above 10 kB
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        with pytest.raises(WriteError, match="could not be written") as raised:
            save(gan, checkpoint_path(three, 32))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        monkeypatch.undo()
    assert ("File too large" if when == "quota" else "No space left on device") in str(raised.value)
    assert "MB free" in str(raised.value)
    assert names(three) == [checkpoint_path(three, images).name for images in (8, 16, 24)]
    assert latest(three) == checkpoint_path(three, 24)


def test_what_cannot_be_read_back_does_not_become_a_checkpoint(three, monkeypatch):
    gan = tiny_gan()
    real_save = gan.save
    monkeypatch.setattr(gan, "save", lambda path: (real_save(path), damage(path, "one byte")))
    with pytest.raises(WriteError, match="cannot be read back"):
        save(gan, checkpoint_path(three, 32))
    assert latest(three) == checkpoint_path(three, 24)


def test_a_model_that_is_not_finite_is_not_saved(tmp_path, caplog):
    gan = tiny_gan(terms=[BreaksAfter(images=40)])
    gan.fit(tiny_dataset(), epochs=2, verbose=0, callbacks=[Checkpointing(tmp_path)])
    assert names(tmp_path) == ["checkpoint-000000000032.keras"]
    assert "is not finite. Earlier ones stay." in caplog.text


def test_one_bad_value_anywhere_is_enough(tmp_path):
    gan = tiny_gan()
    assert non_finite_variables(gan) == []
    variables = [gan.discriminator_optimizer.variables[-1], gan.averaged["generator"].variables[0]]
    for variable in variables:
        good = variable.numpy()
        bad = good.copy()
        bad.flat[-1] = np.inf
        variable.assign(bad)
        assert non_finite_variables(gan) == [variable.path]
        variable.assign(good)


def test_a_folder_that_cannot_be_written_stops_before_training(tmp_path):
    (tmp_path / "file").write_text("")
    gan = tiny_gan()
    with pytest.raises(WriteError, match="Nothing can be written"):
        gan.fit(tiny_dataset(), verbose=0, callbacks=[Checkpointing(tmp_path / "file")])
    assert int(gan.images_seen.numpy()) == 0


def test_a_model_that_counts_no_images_is_refused(tmp_path):
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(TypeError, match="counts time in images seen"):
        model.fit(np.ones((2, 1)), np.ones((2, 1)), verbose=0, callbacks=[Checkpointing(tmp_path)])
