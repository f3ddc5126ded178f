"""A run in stages from the command line: what it leaves, that it goes on from any stage, and what is refused."""

import json
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from tests.cli.test_commands import mistake
from tests.training.growing import state
from tfgan_tricks.cli.main import main

ROOT = Path(__file__).parents[2]
TINY = [
    "--config",
    f"{ROOT}/configs/digits_quickstart.py:quick",
    "--config.architecture=progan(width=4)",
    "--config.prior=Hypersphere(4)",
    "--config.curriculum=ProgressiveTraining(images_fading=32, images_stable=16, batch_sizes={4: 16, 8: 8})",
    "--config.data.resolution=8",
    "--config.images=64",
    "--config.images_per_epoch=16",
    "--config.batch_size=16",
    "--config.grid=4",
    "--config.keep_checkpoints=9",
    "--config.class_summary=20",
]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A finished run: 16 images at 4x4, then 48 at 8x8, the first 32 of them fading."""
    workdir = tmp_path_factory.mktemp("run")
    assert main(["train", *TINY, "--workdir", str(workdir)]) == 0
    return workdir


def checkpoint(workdir, images):
    return workdir / "checkpoints" / f"checkpoint-{images:012d}.keras"


def cut_to(run, workdir, images):
    """Copies a run as it was at so many images."""
    shutil.copytree(run, workdir)
    for path in (workdir / "checkpoints").iterdir():
        if path > checkpoint(workdir, images):
            path.unlink()
    return workdir


def test_one_folder_holds_all_stages(run):
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert [row["images_seen"] for row in rows] == [16, 32, 48, 64]
    assert [checkpoint(run, images).exists() for images in (16, 32, 48, 64)] == [True] * 4
    sizes = {}
    for path in sorted((run / "samples").glob("*.png")):
        with Image.open(path) as picture:
            sizes[int(path.stem.removeprefix("images-"))] = picture.size
    small, large = sizes[0], sizes[64]
    assert sizes == {0: small, 16: small, 32: large, 48: large, 64: large}
    assert large[0] >= 2 * small[0] - 4  # frames stay as wide
    assert (run / "samples" / "film.gif").exists()


@pytest.mark.parametrize("images", [16, 32])
def test_a_run_goes_on_from_a_checkpoint_of_any_stage(run, tmp_path, images):
    cut = cut_to(run, tmp_path / "run", images)
    assert main(["train", *TINY, "--workdir", str(cut)]) == 0
    ends = [keras.models.load_model(checkpoint(folder, 64)) for folder in (cut, run)]
    for mine, other in zip(*map(state, ends), strict=True):
        np.testing.assert_array_equal(mine, other)
    assert (cut / "metrics.jsonl").read_text().count("\n") == 4


@pytest.mark.parametrize(("images", "side"), [(16, 4), (32, 8)])
def test_samples_and_exports_come_from_any_stage(run, tmp_path, images, side):
    cut = cut_to(run, tmp_path / "run", images)
    assert main(["sample", "--workdir", str(cut), "--count", "3", "--npz", "--output", str(tmp_path)]) == 0
    with np.load(tmp_path / "seed-0-count-3.npz", allow_pickle=False) as file:
        assert file["images"].shape == (3, side, side, 1)
    assert main(["export", "--workdir", str(cut), "--output", str(tmp_path / "served")]) == 0
    assert (tmp_path / "served" / "saved_model.pb").exists()


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("curriculum=ProgresiveTraining()", "did you mean 'ProgressiveTraining'"),
        ("curriculum=ProgressiveTraining(images_stabel=8)", "did you mean 'images_stable'"),
        ("curriculum=ExponentialAveraging()", "ProgressiveTraining(...) that ends at data.resolution"),
        ("curriculum=ProgressiveTraining(resolution=4, images_stable=8)", "leave its resolution out"),
        ("images=48", "at least 64: 16 at 4x4, 48 at 8x8"),
        ("data.resolution=12", "resolution=12"),
        ("architecture=mlp()", "without a FadeIn layer"),
        ("curriculum=ProgressiveTraining(start_resolution=5, images_stable=8)", "start_resolution=5"),
        (
            "curriculum=ProgressiveTraining(start_resolution=1, images_fading=8, images_stable=8)",
            "start_resolution in config.curriculum",
        ),
    ],
)
def test_a_mistake_is_one_message(argument, words, capsys, tmp_path):
    message = mistake(capsys, "train", *TINY, f"--config.{argument}", "--workdir", str(tmp_path / "run"))
    assert words in message
    assert not (tmp_path / "run").exists()


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_changed_config_that_fits_no_checkpoint_leaves_the_folder_as_it_was(run, capsys, tmp_path):
    cut = cut_to(run, tmp_path / "run", 32)
    before = contents(cut)
    changed = [*TINY, "--config.architecture=progan(width=2)", "--config.images=80", "--workdir", str(cut)]
    assert "was started with another config" in mistake(capsys, "train", *changed)
    assert contents(cut) == before
    assert "does not fit the model" in mistake(capsys, "train", *changed, "--allow_config_change")
    assert contents(cut) == before


def test_growing_past_the_data_is_refused_before_anything_is_written(capsys, tmp_path):
    stages = "ProgressiveTraining(images_fading=8, images_stable=8)"
    arguments = [*TINY, f"--config.curriculum={stages}", "--config.images=128", "--config.data.resolution=16"]
    message = mistake(capsys, "train", *arguments, "--workdir", str(tmp_path / "run"))
    assert "digits with images of 8 pixels, and a stage of 16x16 after one of 8x8" in message
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_the_recipe_goes_through_all_its_stages(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 255, (64, 28, 28, 1), "uint8")
    np.savez(tmp_path / "data.npz", images=pixels)
    config = ["--config", f"{ROOT}/configs/fashion_mnist_progan.py:quick"]
    source = f"--config.data.source=npz:{tmp_path}/data.npz"
    assert main(["train", *config, source, "--workdir", str(tmp_path / "run")]) == 0
    gan = keras.models.load_model(checkpoint(tmp_path / "run", 224))
    assert gan.task.image_shape == (32, 32, 1)
