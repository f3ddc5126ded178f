"""The page on stages of networks: its script runs, on a data set and on a folder, and goes on from a checkpoint."""

from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from tests.data.files import noise, save
from tests.docs.test_pages import blocks
from tfgan_tricks.training import NetworkStage

PAGE = (Path(__file__).parents[2] / "docs" / "coarse_to_refine.md").read_text(encoding="utf-8")
SCRIPT, RESUME, *LISTS = blocks(PAGE, "python")
# The page trains for minutes; these make it train for seconds.
SMALLER = {
    'DATA, RESOLUTION, WIDTH = "fashion_mnist", 32, 32': "DATA, RESOLUTION, WIDTH = {!r}, 8, 2",
    "100_000, [": "8, [",
    "200_000, [": "16, [",
    '"discriminator"], game)': '"discriminator"], game, batch_size=8)',
    '["coarse"])': '["coarse"], batch_size=8)',
    '"refine", "discriminator"]),': '"refine", "discriminator"], batch_size=8),',
    "gan.compile(": "gan.compile(\n    run_eagerly=True,",
}


def run(code: str, names: dict) -> dict:
    exec(compile(code, "coarse_to_refine.md", "exec"), names)
    return names


def smaller(data: str) -> str:
    code = SCRIPT
    for large, small in SMALLER.items():
        assert large in code, large
        code = code.replace(large, small.format(data) if "{!r}" in small else small)
    return code


@pytest.mark.parametrize("data", ["digits", "folder"])
def test_the_script_runs_on_a_data_set_and_on_a_folder(data, tmp_path, monkeypatch):
    channels = {"digits": 1, "folder": 3}[data]
    if data == "folder":
        for number in range(20):
            save(tmp_path / "images" / f"{number}.png", noise(number))
    monkeypatch.chdir(tmp_path)
    names = run(smaller("digits" if data == "digits" else f"folder:{tmp_path / 'images'}"), {})
    gan, x, out = (names[name] for name in ("gan", "x", "out"))
    assert int(gan.images_seen.numpy()) == 32
    assert gan.predict(x, verbose=0)["images"].shape == (16, 8, 8, channels)
    known = np.asarray(x["mask"])[..., 0] == 0.0
    np.testing.assert_array_equal(out["images"][known], np.asarray(x["image"])[known])
    assert all(np.isfinite(np.asarray(weight)).all() for weight in gan.variables)
    with Image.open("inpainting.png") as picture:
        assert picture.size == (16 * 10 - 2, 4 * 10 - 2)
    assert {"served", "samples", "checkpoints", "metrics.jsonl"} <= {path.name for path in tmp_path.iterdir()}


def test_a_killed_run_of_the_script_goes_on_as_the_page_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    begun = smaller("digits").split("gan = staged.fit(")[0].replace("images_per_epoch=20_000", "images_per_epoch=8")
    whole = run(begun + "gan = staged.fit(gan, data, callbacks=callbacks)", {})["gan"]
    for kept in ([16], [], [16, 24]):  # in the midst of the second stage; before the first checkpoint; at a stage's end
        checkpoints = {f"checkpoint-{n:012d}.keras": n for n in (16, 24, 32)}
        assert {path.name for path in (tmp_path / "checkpoints").iterdir()} == set(checkpoints)
        for name, images in checkpoints.items():
            if images not in kept:
                (tmp_path / "checkpoints" / name).unlink()
        resumed = run(begun + RESUME, {})["gan"]
        assert int(resumed.images_seen.numpy()) == 32
        for mine, other in zip(whole.variables, resumed.variables, strict=True):
            np.testing.assert_array_equal(keras.ops.convert_to_numpy(mine), keras.ops.convert_to_numpy(other))


def test_the_other_lists_are_stages():
    for code in LISTS:
        assert all(isinstance(stage, NetworkStage) for stage in run(code, {})["stages"])
    assert len(LISTS) == 2
