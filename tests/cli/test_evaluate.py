"""`tfgan-tricks evaluate`, and evaluation while a config trains: right numbers, and one message for each mistake."""

import json
import re
import shutil

import keras
import numpy as np
import pytest
import scipy.linalg
from PIL import Image

from tests.cli.test_commands import TINY, mistake, state
from tfgan_tricks import data
from tfgan_tricks.callbacks.checkpoints import latest
from tfgan_tricks.callbacks.json_lines import read_rows
from tfgan_tricks.cli.main import main
from tfgan_tricks.evaluation_choices import metrics_of, split_list
from tfgan_tricks.evaluation_folders import _matched
from tfgan_tricks.metrics import FID, KID, LabelCoverage

COUNT = 80  # more than 64 pixels
ALONE = [*TINY, "--config.class_summary=0"]
FIELDS = {"metrics": "('FID()','pr')", "features": "identity", "images": COUNT}


def evaluated(**fields) -> list[str]:
    """Returns the arguments of a tiny run that is measured."""
    return [*ALONE, *(f"--config.evaluation.{name}={value}" for name, value in {**FIELDS, **fields}.items())]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A finished tiny run with two evaluations."""
    workdir = tmp_path_factory.mktemp("run")
    assert main(["train", *evaluated(), "--workdir", str(workdir)]) == 0
    return workdir


@pytest.fixture(scope="module")
def digits():
    return data.arrays("digits", limit=2 * COUNT)


@pytest.fixture(scope="module")
def folders(tmp_path_factory, digits):
    """Two folders of digits, the second ones darker, and the same by class."""
    images, labels = digits
    root = tmp_path_factory.mktemp("images")
    for i, (image, label) in enumerate(zip(images, labels, strict=True)):
        side = "real" if i < COUNT else "fake"
        pixels = image[..., 0] if side == "real" else image[..., 0] // 2
        for folder in (root / side, root / f"{side}_classes" / f"digit {label}"):
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(folder / f"{i:03d}.png")
    return root


def fid(*sides):
    """Returns the Fréchet distance of bytes, in pixels from -1 to 1, by scipy's matrix square root."""
    rows = [np.asarray(side, "float64").reshape(len(side), -1) / 127.5 - 1.0 for side in sides]
    covariances = [np.cov(side, rowvar=False) for side in rows]
    root = scipy.linalg.sqrtm(covariances[0] @ covariances[1]).real
    return np.square(rows[0].mean(axis=0) - rows[1].mean(axis=0)).sum() + np.trace(sum(covariances) - 2.0 * root)


def printed(capsys, *arguments) -> str:
    capsys.readouterr()
    assert main(["evaluate", *map(str, arguments)]) == 0
    return capsys.readouterr().out


def value(text, name) -> float:
    return float(re.search(re.escape(name) + r" = ([-\d.e+]+)", text)[1])


def test_two_folders_are_measured_as_by_scipy(folders, digits, capsys):
    text = printed(capsys, "--real", folders / "real", "--fake", folders / "fake", "--metrics", "fid,pr,KID(5, 20)")
    images = digits[0]
    expected = fid(images[:COUNT], images[COUNT:] // 2)
    np.testing.assert_allclose(value(text, f"fid[pixels,{COUNT}/{COUNT}]"), expected, rtol=1e-4)
    assert "features: pixels (the real images have no labels; --features chooses others)" in text
    assert "(precision " in text
    assert re.search(
        r"kid\(subsets=5,subset_size=20\)\[pixels,80/80\] = \S+ ± \S+ \| floor: kid\(\S+,40/40,real\]", text
    )
    assert "| floor: none, it needs twice as many real images" in text  # a covariance of 64 pixels from 40 images


def test_training_ends_with_the_best_evaluation_or_how_to_evaluate(run, tmp_path, capsys):
    assert main(["train", *evaluated(), "--workdir", str(run)]) == 0  # it is finished
    best = [row for row in read_rows(run / "evaluations.jsonl") if row["best"]][-1]
    line = f"best fid[pixels,80/80,train,averaged] = {best['results'][0]['value']:.4g} at {best['images_seen']} images"
    assert f"Evaluations: {run}/evaluations.jsonl; {line}, in {run}/best\n" in capsys.readouterr().out
    assert main(["train", *ALONE, "--workdir", str(tmp_path / "alone")]) == 0
    assert f"`tfgan-tricks evaluate --workdir {tmp_path}/alone`" in capsys.readouterr().out


def test_gray_images_beside_colour_are_said_to_be_read_as_three_channels(folders, tmp_path, capsys):
    for path in (folders / "fake").iterdir():
        Image.open(path).convert("RGB").save(tmp_path / path.name)
    text = printed(capsys, "--real", folders / "real", "--fake", tmp_path, "--metrics=pr")
    assert "; the real images are gray, and read as three equal channels, as the others have colour" in text
    assert "read as three" not in printed(capsys, "--real", tmp_path, "--fake", tmp_path, "--metrics=pr")


def test_json_for_other_programs(folders, digits, capsys):
    sides = ["--real", folders / "real", "--fake", folders / "fake"]
    found = json.loads(printed(capsys, *sides, "--metrics=fid", "--json"))
    (evaluation,) = found["evaluations"]
    expected = fid(digits[0][:COUNT], digits[0][COUNT:] // 2)
    np.testing.assert_allclose(evaluation["results"][0]["value"], expected, rtol=1e-6)
    assert evaluation["floors"] == [None]
    assert set(evaluation) == {"results", "floors"}


def test_a_folder_against_itself_is_at_distance_zero(folders, capsys):
    text = printed(capsys, "--real", folders / "real", "--fake", folders / "real", "--metrics=fid,memorisation")
    assert value(text, f"fid[pixels,{COUNT}/{COUNT}]") < 1e-8
    assert f"(exact_copies {COUNT})" in text


def test_final_and_best_of_a_run_are_measured_and_kept(run, digits, tmp_path, capsys):
    workdir = shutil.copytree(run, tmp_path / "run")
    text = printed(capsys, "--workdir", workdir, "--metrics=fid", "--count", COUNT, "--seed=3")
    final, best = text.split("best, ")
    assert final.startswith("final, 64 images seen\n")
    chosen = data.arrays("digits", resolution=8, limit=2 * COUNT)[0][np.random.default_rng(0).permutation(2 * COUNT)]
    for part, folder in ((final, "checkpoints"), (best, "best")):
        gan = keras.models.load_model(latest(workdir / folder))
        made = gan.predict(np.asarray(gan.task.prior.sample(COUNT, seed=3)), verbose=0)
        expected = fid(chosen[:COUNT], np.rint((made.astype("float64") + 1.0) * 127.5))
        assert value(part, f"fid[pixels,{COUNT}/{COUNT},train,averaged]") == pytest.approx(expected, rel=1e-4)
    rows = read_rows(workdir / "evaluations.jsonl")
    assert [row["checkpoint"] for row in rows] == ["training", "training", "final", "best"]
    assert rows[-2]["results"][0]["protocol"]["seed"] == 3


def test_the_best_checkpoint_measured_again_has_the_value_of_the_log(run, tmp_path, capsys):
    workdir = shutil.copytree(run, tmp_path / "run")
    logged = [row["results"][0]["value"] for row in read_rows(workdir / "evaluations.jsonl")]
    text = printed(capsys, "--workdir", workdir, "--metrics=fid", "--count", COUNT, "--checkpoint=best")
    np.testing.assert_allclose(value(text, "averaged]"), min(logged), rtol=1e-5)
    assert "final" not in text
    raw = printed(capsys, "--workdir", workdir, "--metrics=fid", "--count", COUNT, "--checkpoint=best", "--weights=raw")
    assert value(raw, "raw]") != value(text, "averaged]")


def test_numbers_of_training_are_in_the_log_of_all_numbers(run):
    rows = read_rows(run / "evaluations.jsonl")
    name = f"fid[pixels,{COUNT}/{COUNT},train,averaged]"
    logged = [row[name] for row in read_rows(run / "metrics.jsonl")]
    assert logged == [row["results"][0]["value"] for row in rows]
    assert (run / "best").is_dir()


def test_a_run_with_evaluation_by_a_classifier_ends_like_one_without(run, tmp_path, monkeypatch):
    monkeypatch.setenv("TFGAN_TRICKS_CACHE", str(tmp_path / "cache"))
    classifier = "Classifier(images_seen=256, minimum_accuracy=0.0)"
    measured = evaluated(features=classifier, metrics="('coverage','is(splits=2)')")
    assert main(["train", *measured, "--workdir", str(tmp_path / "measured")]) == 0
    assert main(["train", *ALONE, "--workdir", str(tmp_path / "alone")]) == 0
    for mine, other in zip(state(tmp_path / "measured"), state(tmp_path / "alone"), strict=True):
        np.testing.assert_array_equal(mine, other)
    rows = read_rows(tmp_path / "measured" / "evaluations.jsonl")
    assert rows[0]["results"][0]["name"] == f"label_coverage(modes=10)[classifier,-/{COUNT},averaged]"
    for mine, other in zip(state(tmp_path / "measured"), state(run), strict=True):  # whatever the metrics
        np.testing.assert_array_equal(mine, other)


def test_an_older_run_goes_on_although_its_config_lacks_new_fields(run, tmp_path, capsys):
    workdir = shutil.copytree(run, tmp_path / "run")
    config = json.loads((workdir / "config.json").read_text())
    for field in ("evaluation", "curriculum"):
        del config[field]
    del config["data"]["flip"]
    (workdir / "config.json").write_text(json.dumps(config))
    goes_on = [*ALONE, "--config.images=96", "--workdir", str(workdir)]
    assert "data.flip: was False, now True" in mistake(capsys, "train", *goes_on, "--config.data.flip")
    assert main(["train", *goes_on]) == 0
    assert latest(workdir / "checkpoints").name == "checkpoint-000000000096.keras"


def test_a_run_may_be_measured_in_another_way_when_it_goes_on(run, tmp_path):
    workdir = shutil.copytree(run, tmp_path / "run")
    change = [*evaluated(metrics="('msssim(filter_size=7, pairs=20)',)"), "--config.images=96"]
    assert main(["train", *change, "--workdir", str(workdir)]) == 0
    names = [row["results"][0]["metric"] for row in read_rows(workdir / "evaluations.jsonl")]
    assert names == ["fid", "fid", "ms_ssim(pairs=20,filter_size=7)"]


@pytest.mark.slow
def test_a_growing_run_is_measured_at_its_full_size_only(tmp_path):
    growth = [
        "--config.architecture=progan(width=4)",
        "--config.curriculum=ProgressiveTraining(start_resolution=4, images_fading=16, images_stable=16)",
        "--config.prior=Hypersphere(8)",
    ]
    arguments = [*evaluated(), *growth, "--config.images_per_epoch=16"]
    assert main(["train", *arguments, "--workdir", str(tmp_path / "run")]) == 0
    assert [row["images_seen"] for row in read_rows(tmp_path / "run" / "evaluations.jsonl")] == [32, 48, 64]


def test_names_of_classes_decide_what_labels_mean(folders, tmp_path):
    for name in ("digit 3", "digit 7"):
        shutil.copytree(folders / "fake_classes" / name, tmp_path / name)
    sources = {
        "real": data.open_source(f"folder:{folders / 'real_classes'}"),
        "fake": data.open_source(f"folder:{tmp_path}"),
    }
    assert _matched(sources, np.array([0, 1, 0])).tolist() == [3, 7, 3]
    (tmp_path / "digit 7").rename(tmp_path / "letter")
    sources["fake"] = data.open_source(f"folder:{tmp_path}")
    with pytest.raises(ValueError, match=r"classes that the real ones have not[^$]*letter"):
        _matched(sources, np.array([0, 1, 0]))


def test_metrics_by_short_names_names_and_calls():
    texts = split_list("fid, KID(subsets=5,subset_size=50),coverage,")
    assert texts == ["fid", "KID(subsets=5,subset_size=50)", "coverage"]
    assert metrics_of(texts, "--metrics", classes=7) == [FID(), KID(5, 50), LabelCoverage(7)]
    assert metrics_of(["kid(subset_size=9)", "LabelCoverage(modes=3)"], "--metrics", 7) == [
        KID(subset_size=9),
        LabelCoverage(3),
    ]


def refusals(folders, run, tmp_path):
    """Returns arguments and what the message says, by the mistake."""
    real, fake = ["--real", folders / "real"], ["--fake", folders / "fake"]
    (tmp_path / "empty").mkdir()
    for name in ("larger", "corrupt", "few"):
        (tmp_path / name).mkdir()
    for i in range(3):
        Image.new("L", (16, 12)).save(tmp_path / "larger" / f"{i}.png")
        shutil.copy(folders / "real" / f"{i:03d}.png", tmp_path / "few")
        shutil.copy(folders / "real" / f"{i:03d}.png", tmp_path / "corrupt")
    content = (tmp_path / "corrupt" / "001.png").read_bytes()
    (tmp_path / "corrupt" / "001.png").write_bytes(content[:60])
    classes = ["--real", folders / "real_classes", "--fake", folders / "fake_classes"]
    return {
        "misspelt": ([*real, *fake, "--metrics=fdi"], r"no metric called 'fdi'.*did you mean 'fid'"),
        "misspelt argument": ([*real, *fake, "--metrics=KID(subsetsize=5)"], "did you mean 'subset_size'"),
        "none": ([*real, *fake, "--metrics=,"], "nothing to measure"),
        "missing": ([*real, "--fake", tmp_path / "nowhere"], r"no such folder.*nowhere"),
        "empty": ([*real, "--fake", tmp_path / "empty"], r"holds no images.*empty"),
        "few": (
            ["--fake", tmp_path / "few", *real, "--metrics=fid"],
            r"3 generated.*at least 65.*the pixels: 8x8x1 = 64",
        ),
        "corrupt": ([*real, "--fake", tmp_path / "corrupt"], r"Unusable image.*001\.png.*--on_error skip"),
        "sizes": ([*real, "--fake", tmp_path / "larger"], r"real: 8x8; fake: 12x16.*--resolution=8"),
        "no labels": ([*real, *fake, "--features=classifier"], r"no labels to train a classifier.*identity"),
        "features": ([*real, *fake, "--features=clasifier"], "did you mean 'classifier'"),
        "no file": ([*real, *fake, "--features=inception:/nowhere.pb"], r"nowhere\.pb"),
        "no probabilities": ([*real, *fake, "--metrics=is"], "Identity does not classify.*--features inception:FILE"),
        "did not learn": ([*classes, "--features=Classifier(images_seen=1)"], "classifier did not learn"),
        "one side": (real, "--fake is missing"),
        "both": ([*real, *fake, "--workdir", run], "--workdir is for a run"),
        "only of folders": (["--workdir", run, "--resolution=8"], "--resolution is for two folders"),
        "no run": (["--workdir", tmp_path / "empty"], "There is no readable run"),
        "neither": ([], "--workdir is missing"),
        "unlabelled generator": (["--workdir", run, "--metrics=cas", "--count=80"], "needs labels of the generated"),
        "split": (["--workdir", run, "--split=test"], "split='test'"),
    }


def test_each_mistake_gets_one_message(folders, run, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("TFGAN_TRICKS_CACHE", str(tmp_path / "cache"))
    before = (run / "evaluations.jsonl").read_text()
    for name, (arguments, message) in refusals(folders, run, tmp_path).items():
        capsys.readouterr()
        text = mistake(capsys, "evaluate", *map(str, arguments))
        assert re.search(message, text, re.DOTALL), f"{name}: {text}"
    assert (run / "evaluations.jsonl").read_text() == before


def test_a_run_without_a_best_or_without_any_checkpoint(run, tmp_path, capsys):
    workdir = shutil.copytree(run, tmp_path / "run")
    shutil.rmtree(workdir / "best")
    assert "best" not in printed(capsys, "--workdir", workdir, "--metrics=pr", "--count", COUNT)
    message = mistake(capsys, "evaluate", "--workdir", str(workdir), "--checkpoint=best")
    assert "has no best checkpoint" in message
    assert "--config.evaluation.metrics" in message
    shutil.rmtree(workdir / "checkpoints")
    assert "has no final checkpoint" in mistake(capsys, "evaluate", "--workdir", str(workdir))


MISTAKES = {
    "misspelt": ({"metrics": "('fdi',)"}, "no metric called 'fdi'.*config.evaluation.metrics.*did you mean 'fid'"),
    "few": ({"images": 30}, "too few real samples for fid.*at least 65"),
    "no images": ({"images": 0}, "config.evaluation.images"),
    "features": ({"features": "pixels"}, "no kind of features called 'pixels'"),
    "did not learn": ({"features": "Classifier(images_seen=1)"}, "classifier did not learn"),
}


@pytest.mark.parametrize(("fields", "message"), MISTAKES.values(), ids=list(MISTAKES))
def test_what_cannot_be_measured_is_refused_before_anything_is_written(fields, message, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("TFGAN_TRICKS_CACHE", str(tmp_path / "cache"))
    text = mistake(capsys, "train", *evaluated(**fields), "--workdir", str(tmp_path / "run"))
    assert re.search(message, text, re.DOTALL), text
    assert not (tmp_path / "run").exists()
