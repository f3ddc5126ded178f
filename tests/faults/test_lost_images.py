"""Images that break or vanish while training reads them, batches that are no numbers, folders with broken files."""

import json

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tests.faults.runs import assert_same, assert_saved, train
from tfgan_tricks import data
from tfgan_tricks.data.order import Order

pytestmark = pytest.mark.slow
COUNT, STRUCK = 240, 200  # images of the folder; position of the one that breaks, which is in the third epoch


def fill(folder, count):
    folder.mkdir(parents=True)
    pixels = np.random.default_rng(0).integers(0, 256, (count, 8, 8, 3), dtype=np.uint8)
    for number, image in enumerate(pixels):
        Image.fromarray(image).save(folder / f"{number:05d}.png")


def without_memory(patch):
    """Has each image read from its file every time, as where they do not fit into memory."""
    patch.setattr("tfgan_tricks.run_data.CACHE_GIGABYTES", 0.0)
    patch.setitem(data.load.__kwdefaults__, "cache_gigabytes", 0.0)


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """A folder of images, what says so in a config, and the undisturbed run on it."""
    folder = tmp_path_factory.mktemp("images")
    fill(folder / "all", COUNT)
    added = (f"--config.data.source=folder:{folder / 'all'}", "--config.data.channels=3")
    with pytest.MonkeyPatch.context() as patch:
        without_memory(patch)
        assert train(folder / "run", *added) == 0
    return folder / "all", added, folder / "run"


@pytest.mark.parametrize("fault", ["corrupt", "remove"])
def test_an_image_that_is_lost_while_training_is_named(fault, images, tmp_path, monkeypatch, capsys):
    folder, added, undisturbed = images
    without_memory(monkeypatch)
    struck = folder / f"{int(Order(COUNT, 0, True).indices(tf.constant(STRUCK, tf.int64))):05d}.png"
    whole = struck.read_bytes()
    assert train(tmp_path, *added, fault=f"{fault}@0:{struck}") == 2
    message = capsys.readouterr().err
    assert f"Received: {struck}: " in message
    assert "give the same command again" in message
    assert_saved(tmp_path, 80, 160)  # all there was to save before it was to be read
    struck.write_bytes(whole)
    assert train(tmp_path, *added) == 0
    assert_same(tmp_path, undisturbed)


def test_images_in_memory_are_not_missed(images, tmp_path):
    folder, added, undisturbed = images
    hidden = folder.parent / "hidden"
    assert train(tmp_path, *added, fault="send@16:SIGTERM") == 0
    folder.rename(hidden)
    try:
        assert train(tmp_path, *added) == 2  # a start reads them, and changes nothing without
        assert_saved(tmp_path, 16)
    finally:
        hidden.rename(folder)
    assert train(tmp_path, *added) == 0
    assert_same(tmp_path, undisturbed)  # which read each image from its file every time


def test_a_batch_that_is_no_number_ends_training_and_what_is_saved_is_sound(undisturbed, tmp_path, monkeypatch, capsys):
    load = data.load

    def spoilt(source, *, start=0, batch_size, **how):
        def spoil(step, batch):
            here = tf.equal(start + step * batch_size, 192)
            return batch | {"image": tf.where(here, np.float32("nan"), batch["image"])}

        return load(source, start=start, batch_size=batch_size, **how).enumerate().map(spoil)

    monkeypatch.setattr(data, "load", spoilt)
    for _ in range(2):  # again as long as the cause is there
        assert train(tmp_path) == 2
        message = capsys.readouterr().err
        assert "Training has broken down: 'real_logits' is not finite" in message
        assert "at 208 images, step 3 of its epoch" in message
        assert_saved(tmp_path, 80, 160)
        (line,) = [line for line in (tmp_path / "metrics.jsonl").read_text().splitlines() if "null" in line]
        assert json.loads(line)["images_seen"] == 208
    monkeypatch.undo()
    assert train(tmp_path) == 0
    assert [path.unlink() for path in (tmp_path / "samples").glob("*208.png")] in ([], [None])
    assert_same(tmp_path, undisturbed)
