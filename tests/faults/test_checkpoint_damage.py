"""Checkpoints damaged at random places: told, passed over, or as good as new."""

import json
import random
import shutil
import zipfile

import numpy as np
import pytest

from tests.support import tiny
from tfgan_tricks.callbacks.checkpoints import (
    DamagedCheckpointError,
    check,
    checkpoint_path,
    checkpoints,
    latest,
    restore,
    save,
)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A folder with checkpoints at 8 and 16 images, and the values of the later one."""
    folder, gan = tmp_path_factory.mktemp("saved"), tiny.gan_of()
    for images in (8, 16):
        gan.images_seen.assign(images)
        save(gan, checkpoint_path(folder, images))
    return folder, gan, tiny.values(gan.variables)


@pytest.fixture
def folder(saved, tmp_path):
    """A copy of it."""
    return shutil.copytree(saved[0], tmp_path / "checkpoints")


def test_a_checkpoint_cut_anywhere_is_passed_over(folder, caplog):
    path, draw = checkpoint_path(folder, 16), random.Random(0)
    content = path.read_bytes()
    for length in [0, 1, len(content) - 1, *(draw.randrange(len(content)) for _ in range(30))]:
        caplog.clear()
        path.write_bytes(content[:length])
        with pytest.raises(DamagedCheckpointError):
            check(path)
        assert latest(folder) == checkpoint_path(folder, 8)
        assert str(path) in caplog.text, length


def members(path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_flipped_bit_is_told_or_changes_nothing(folder):
    """Some bits, such as those of a date, say nothing about the model."""
    path, draw = checkpoint_path(folder, 16), random.Random(1)
    content, whole, told = path.read_bytes(), members(path), 0
    for _ in range(100):
        flipped = bytearray(content)
        flipped[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
        path.write_bytes(flipped)
        try:
            assert check(path)["images_seen"] == 16
        except DamagedCheckpointError:
            told += 1
            assert latest(folder) == checkpoint_path(folder, 8)
        else:
            assert members(path) == whole
    assert told > 90


def test_what_an_older_version_wrote_is_read(folder, saved):
    """Without facts in the file's comment, and without the means of the epoch and what callbacks leave."""
    _, gan, values = saved
    path = checkpoint_path(folder, 16)
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b""
    again = tiny.gan_of()
    assert check(path) == {}
    assert restore(again, path) == 16
    for mine, other in zip(tiny.values(again.variables), values, strict=True):
        np.testing.assert_array_equal(mine, other)
    store: dict = {}
    gan.save_own_variables(store)
    assert not any(name.startswith("callback_") for name in store)


def test_a_later_version_is_refused_by_name(folder):
    with zipfile.ZipFile(checkpoint_path(folder, 16), "a") as archive:
        archive.comment = json.dumps({"format": 7, "images_seen": 16, "tfgan_tricks": "9.9"}).encode()
    with pytest.raises(ValueError, match="later version") as caught:
        latest(folder)
    assert "tfgan_tricks 9.9" in str(caught.value)
    assert len(checkpoints(folder)) == 2
