"""Files that were there when a run began and are not any more."""

import ml_collections
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tfgan_tricks import data
from tfgan_tricks.data.decoding import first_unreadable
from tfgan_tricks.data.transform import plan
from tfgan_tricks.run_data import RunData


@pytest.fixture
def source(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (3, 8, 8), dtype=np.uint8)
    for number, image in enumerate(pixels):
        Image.fromarray(image).save(tmp_path / f"{number}.png")
    return data.open_source(f"folder:{tmp_path}")


def run_data(source) -> RunData:
    """The data of a run, opened."""
    images = object.__new__(RunData)
    images.source = source
    images.config = ml_collections.ConfigDict({"data": {"resolution": 8, "channels": 1, "crop": "center"}})
    return images


@pytest.mark.parametrize(("lose", "words"), [("cut", "PNG"), ("delete", "No such file")])
def test_the_first_file_that_is_lost_is_named(lose, words, source, tmp_path):
    assert first_unreadable(source, plan(source, 8, 1, "center")) is None
    lost = tmp_path / "1.png"
    lost.write_bytes(lost.read_bytes()[:60]) if lose == "cut" else lost.unlink()
    with pytest.raises(ValueError, match="cannot be read any more") as told, run_data(source).unreadable_told():
        raise tf.errors.InvalidArgumentError(None, None, "somewhere in a graph")
    assert f"Received: {lost}: " in str(told.value)
    assert words in str(told.value)
    assert "0.png" not in str(told.value)


def test_errors_with_other_causes_pass_as_they_are(source):
    with pytest.raises(tf.errors.InvalidArgumentError, match="shapes"), run_data(source).unreadable_told():
        raise tf.errors.InvalidArgumentError(None, None, "shapes do not fit")
