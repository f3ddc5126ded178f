"""The command line from the outside: what works, and one clear message with exit code 2 for what does not."""

import json
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image, ImageSequence

from tfgan_tricks.callbacks.grid import make_grid
from tfgan_tricks.cli.main import main
from tfgan_tricks.experiment import default_config
from tfgan_tricks.run_results import load_run

ROOT = Path(__file__).parents[2]
TINY = [
    "--config",
    f"{ROOT}/configs/digits_quickstart.py:quick",
    "--config.architecture=mlp(widths=(8,))",
    "--config.data.resolution=8",
    "--config.images=64",
    "--config.images_per_epoch=32",
    "--config.batch_size=16",
    "--config.grid=4",
    "--config.class_summary=20",
]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A finished tiny run."""
    workdir = tmp_path_factory.mktemp("run")
    assert main(["train", *TINY, "--workdir", str(workdir)]) == 0
    return workdir


def state(workdir):
    newest = sorted((workdir / "checkpoints").iterdir())[-1]
    gan = keras.models.load_model(newest)
    optimizers = (gan.generator_optimizer, gan.discriminator_optimizer)
    variables = [*gan.variables, *(variable for optimizer in optimizers for variable in optimizer.variables)]
    return [np.array(keras.ops.convert_to_numpy(variable.value)) for variable in variables]


def mistake(capsys, *arguments) -> str:
    """Runs a command that must fail, and returns its one message."""
    assert main(list(arguments)) == 2
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err + captured.out
    assert captured.err.startswith("tfgan-tricks: ")
    return captured.err


def test_a_run_leaves_config_versions_pictures_numbers_and_checkpoints(run):
    names = {str(path.relative_to(run)) for path in run.rglob("*") if path.is_file()}
    assert {"config.json", "versions.json", "metrics.jsonl", "samples/film.gif"} <= names
    assert {"checkpoints/checkpoint-000000000032.keras", "checkpoints/checkpoint-000000000064.keras"} <= names
    assert any(name.startswith("logs/events") for name in names)
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert [row["images_seen"] for row in rows] == [32, 64]
    wanted = {
        "discriminator_loss",
        "generator_loss",
        "generator_gradient_norm",
        "real_probability",
        "images_per_second",
    }
    assert wanted <= rows[-1].keys()


def test_a_longer_run_in_two_parts_equals_one_in_one_part(run, tmp_path):
    parts, whole = tmp_path / "parts", tmp_path / "whole"
    shutil.copytree(run, parts)
    assert main(["train", *TINY, "--config.images=96", "--workdir", str(parts)]) == 0
    assert main(["train", *TINY, "--config.images=96", "--workdir", str(whole)]) == 0
    for mine, other in zip(state(parts), state(whole), strict=True):
        np.testing.assert_array_equal(mine, other)


def test_advice_comes_before_training(tmp_path, capsys):
    assert main(["train", *TINY, "--config.loss=Wasserstein()", "--workdir", str(tmp_path / "run")]) == 0
    advice, *rest = [line for line in capsys.readouterr().out.splitlines() if line]
    assert advice.startswith("Advice: Wasserstein() with a critic without any bound")
    assert "WGANGP()" in advice
    assert any("images" in line for line in rest)


def test_another_config_is_refused_with_the_difference(run, capsys):
    message = mistake(capsys, "train", *TINY, "--config.loss=Wasserstein()", "--workdir", str(run))
    assert "loss: was 'Hinge()', now 'Wasserstein()'" in message
    assert "--allow_config_change" in message
    assert json.loads((run / "config.json").read_text())["loss"] == "Hinge()"


def test_sampling_is_deterministic_by_seed_in_all_forms(run, tmp_path, capsys):
    arguments = ["sample", "--workdir", str(run), "--count", "3", "--output", str(tmp_path)]
    arrays = []
    for seed in (1, 1, 2):
        assert main([*arguments, "--seed", str(seed), "--npz"]) == 0
        with np.load(tmp_path / f"seed-{seed}-count-3.npz", allow_pickle=False) as file:
            arrays.append(file["images"])
    assert arrays[0].shape == (3, 8, 8, 1)
    assert arrays[0].dtype == np.uint8
    np.testing.assert_array_equal(arrays[0], arrays[1])
    assert (arrays[0] != arrays[2]).any()
    assert main([*arguments, "--grid"]) == 0
    assert main(arguments) == 0
    assert {"seed-0-count-3.png", "seed-0-000002.png"} <= {path.name for path in tmp_path.iterdir()}


def test_interpolation_is_a_film_from_one_set_of_samples_to_another_and_back(run, tmp_path, capsys):
    arguments = ["sample", "--workdir", str(run), "--count", "4", "--seed", "5", "--output", str(tmp_path)]
    assert main([*arguments, "--interpolate", "6"]) == 0
    path = tmp_path / "seed-5-count-4-interpolation.gif"
    assert f"Wrote {path}" in capsys.readouterr().out
    with Image.open(path) as film:
        assert film.n_frames == 10  # 6 there, and back without the two ends
        frames = [np.asarray(frame.convert("L"), int) for frame in ImageSequence.Iterator(film)]
    assert not np.array_equal(frames[0], frames[5])
    np.testing.assert_array_equal(frames[1], frames[9])
    gan, _ = load_run(run)
    ends = gan.predict(np.asarray(gan.task.prior.sample(8, seed=5)), verbose=0)
    for frame, images in ((frames[0], ends[:4]), (frames[5], ends[4:])):
        assert np.abs(frame - make_grid(images)[..., 0]).max() <= 2  # GIF's palette


def test_export_writes_a_saved_model(run, tmp_path, capsys):
    assert main(["export", "--workdir", str(run), "--output", str(tmp_path / "served")]) == 0
    assert (tmp_path / "served" / "saved_model.pb").exists()


def test_list_names_everything_with_one_line(capsys):
    assert main(["list"]) == 0
    text = capsys.readouterr().out
    for name in ("SpectralNormConv2D", "Hinge", "WGANGP", "sngan_cnn", "ExponentialAveraging", "ImageGrid", "Packing"):
        line = next(line for line in text.splitlines() if line.split()[:1] == [name])
        assert len(line.split()) > 3
    assert main(["list", "losses"]) == 0
    assert "R1" not in capsys.readouterr().out


def test_help_names_the_commands_and_their_flags(capsys):
    assert main(["--help"]) == 0
    assert "sample" in capsys.readouterr().out
    assert main(["train", "--help"]) == 0
    assert "allow_config_change" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["trian"], "did you mean 'train'"),
        (["train", "--workdir", "x"], "--config is missing"),
        (["train", *TINY], "--workdir is missing"),
        (["train", *TINY, "--workdir", "x", "--wrkdir=y"], "workdir"),
        (["train", *TINY, "--workdir", "x", "--config.los=Hinge()"], "did you mean 'loss'"),
        (["train", *TINY, "--workdir", "x", "--config.data.resoluton=8"], "did you mean 'resolution'"),
        (["train", *TINY, "--workdir", "x", "--config.evaluation.count=-5"], "no field 'evaluation.count'"),
        (
            ["train", *TINY, "--workdir", "x", "--config.evaluation.number=5"],
            "one of evaluation.every_images, evaluation.features, ",
        ),
        (["train", *TINY, "--workdir", "x", "--config.training.total_images=9"], "no field 'training'"),
        (
            ["train", *TINY, "--workdir", "x", "--config.evaluation.images.x=9"],
            "Expected: --config.evaluation.images=...",
        ),
        (["train", *TINY, "--workdir", "x", "--config.loss=Hinje()"], "did you mean 'Hinge'"),
        (["train", *TINY, "--workdir", "x", "--config.terms=R1(gama=1)"], "did you mean 'gamma'"),
        (["train", *TINY, "--workdir", "x", "--config.batch_size=many"], "batch_size"),
        (["train", *TINY, "--workdir", "x", "--config.batch_size=0"], "at least 1"),
        (["train", *TINY, "--workdir", "x", "--config.precision=float8"], "mixed_bfloat16"),
        (["train", *TINY, "--workdir", "x", "--config.inputs=Packing(3)"], "packs of 3"),
        (["train", *TINY, "--workdir", "x", "--config.seed=-1"], "config.seed"),
        (["train", *TINY, "--workdir", "x", "--config.images=8"], "larger than"),
        (["train", "--config", f"{ROOT}/configs/folder_dcgan.py:quik", "--workdir", "x"], "did you mean 'quick'"),
        (["sample", "--workdir", "x", "--grid", "--npz"], "exclude each other"),
        (["train", *TINY, "--workdir", "x", "--config.data.source=folder:/nowhere"], "/nowhere"),
        (["train", "--config", "nowhere.py", "--workdir", "x"], "nowhere.py"),
        (["sample", "--workdir", "/nowhere"], "no readable run"),
        (["sample", "--workdir", "/nowhere", "--count", "0"], "count"),
        (["list", "penalty"], "did you mean 'penalties'"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value[-1:]),
)
def test_a_mistake_is_one_message(arguments, words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert words in mistake(capsys, *arguments)
    assert not list(tmp_path.iterdir())  # nothing was written


@pytest.mark.parametrize("text", ["def get_config(variant=''):\n    return 1 / 0\n", "def get_config(:\n", "x = 1\n"])
def test_a_config_file_that_does_not_run_is_named(text, capsys, tmp_path):
    (tmp_path / "broken.py").write_text(text)
    message = mistake(capsys, "train", "--config", f"{tmp_path}/broken.py", "--workdir", f"{tmp_path}/run")
    assert "broken.py" in message
    assert "get_config" in message


def test_a_prior_per_class_works_from_a_config_and_must_fit_the_data(tmp_path, capsys):
    priors = ", ".join(f"Normal(4, mean={label})" for label in range(10))
    arguments = [*TINY, "--workdir", str(tmp_path / "run")]
    assert main(["train", *arguments, f"--config.prior=PerClass(({priors}))"]) == 0
    assert (tmp_path / "run" / "samples" / "images-000000064.png").exists()
    message = mistake(capsys, "train", *arguments, "--config.prior=PerClass((Normal(4), Normal(4)))")
    assert "PerClass for 2, data of 10 classes" in message


def test_packing_works_from_a_config(tmp_path, capsys):
    assert main(["train", *TINY, "--config.inputs=Packing(2)", "--workdir", str(tmp_path)]) == 0
    critic = keras.models.load_model(sorted((tmp_path / "checkpoints").iterdir())[-1]).task.discriminator
    assert critic.input_shape == (None, 8, 8, 2)


def test_a_folder_that_cannot_be_written_is_named(capsys, tmp_path):
    (tmp_path / "file").write_text("in the way")
    message = mistake(capsys, "train", *TINY, "--workdir", str(tmp_path / "file" / "run"))
    assert "cannot be" in message or "can be written" in message


def test_a_summary_needs_labels(capsys, tmp_path):
    np.savez(tmp_path / "data.npz", images=np.zeros((20, 8, 8, 1), "uint8"))
    message = mistake(
        capsys, "train", *TINY, f"--config.data.source=npz:{tmp_path}/data.npz", "--workdir", f"{tmp_path}/r"
    )
    assert "label" in message
    assert not (tmp_path / "r").exists()


def test_a_run_that_breaks_down_says_what_broke_first_and_exits_with_2(capsys, tmp_path):
    arguments = ["train", *TINY, "--config.generator_optimizer=SGD(1e30)", "--workdir", str(tmp_path)]
    message = mistake(capsys, *arguments, "--config.discriminator_optimizer=SGD(1e30)", "--config.loss=LeastSquares()")
    assert "loss" in message or "logits" in message
    assert not list((tmp_path / "checkpoints").glob("*.keras"))


def test_a_run_without_a_whole_checkpoint_is_not_started_over(run, capsys, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(run, broken)
    for path in (broken / "checkpoints").iterdir():
        path.write_bytes(path.read_bytes()[:1000])
    assert "No checkpoint of this run can be read" in mistake(capsys, "train", *TINY, "--workdir", str(broken))


@pytest.mark.parametrize("path", sorted((ROOT / "configs").glob("*.py")), ids=lambda path: path.stem)
@pytest.mark.parametrize("variant", ["", "quick"])
def test_every_config_builds_and_says_how_it_is_run(path, variant):
    import importlib.util

    from tfgan_tricks.experiment import build_gan, check_config

    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    config = module.get_config(variant)
    assert config.is_locked
    assert set(config.to_dict()) == set(default_config().to_dict())
    check_config(config)
    if variant:
        assert build_gan(config).compiled
    for heading in ("Command:", "Hardware:", "Time:", "Result:"):
        assert heading in module.__doc__
