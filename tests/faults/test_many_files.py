"""A folder of 10,000 image files of which one in a hundred is broken."""

import logging
import time

import numpy as np
import pytest
from PIL import Image

from tests.faults.runs import assert_same, train
from tests.faults.test_lost_images import fill
from tfgan_tricks import data
from tfgan_tricks.data.pipeline import prepare
from tfgan_tricks.data.transform import plan

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """10,000 files, one in a hundred broken: half of these in the header, half behind it."""
    folder = tmp_path_factory.mktemp("many") / "images"
    fill(folder, 10_000)
    headless, cut = range(50, 10_000, 200), range(150, 10_000, 200)
    for number in headless:
        (folder / f"{number:05d}.png").write_bytes(b"no picture")
    for number in cut:
        path = folder / f"{number:05d}.png"
        path.write_bytes(path.read_bytes()[:60])
    return folder, {f"{number:05d}.png" for number in (*headless, *cut)}


@pytest.mark.parametrize("gigabytes", [1.0, 0.0])
def test_of_ten_thousand_files_just_the_broken_ones_are_left_out(gigabytes, many, caplog):
    folder, broken = many
    begun = time.monotonic()
    with caplog.at_level(logging.WARNING):
        source = data.open_source(f"folder:{folder}", on_error="skip")
        transform = plan(source, 8, 3, "center")
        source = prepare(source, transform, upscale=None, on_error="skip", gigabytes=gigabytes, verify=True)
    print(f"{time.monotonic() - begun:.1f} s with cache_gigabytes={gigabytes}")
    assert source.count == 9_900
    assert {text.split(":")[0].rsplit("/", 1)[-1] for text in source.skipped} == broken
    assert "Skipped 50 of 10000 images" in caplog.text
    assert "Skipped 50 of 9950 images" in caplog.text
    if gigabytes:
        kept = [path for path in sorted(folder.iterdir()) if path.name not in broken]
        for index in (0, 50, 4_000, 9_899):
            with Image.open(kept[index]) as image:
                np.testing.assert_array_equal(source.images[index], np.asarray(image))


def test_of_ten_thousand_files_the_first_broken_one_is_named(many):
    folder, _ = many
    with pytest.raises(ValueError, match=r"Unusable image") as refused:
        data.open_source(f"folder:{folder}")
    assert "00050.png: " in str(refused.value)
    assert "(49 more like it)" in str(refused.value)
    assert "config.data.on_error=skip" in str(refused.value)


def test_a_run_leaves_broken_files_out_and_goes_on_without_them(many, tmp_path):
    folder, _ = many
    added = (f"--config.data.source=folder:{folder}", "--config.data.channels=3", "--config.data.on_error=skip")
    assert train(tmp_path / "run", *added, fault="send@176:SIGTERM") == 0
    assert train(tmp_path / "run", *added) == 0
    assert train(tmp_path / "whole", *added) == 0
    assert_same(tmp_path / "run", tmp_path / "whole")
