"""Small real trainings: the doctor recognises those that were made to fail, and leaves the healthy ones alone."""

import dataclasses
import importlib.util
import json
import re
from pathlib import Path

import numpy as np
import pytest

from benchmarks.doctor_lab import confusion, record
from benchmarks.doctor_lab.health import Health, HealthCheck, is_healthy
from benchmarks.doctor_lab.healthy import FASHION, HEALTHY, data
from benchmarks.doctor_lab.trials import PROVOKED, TRIALS
from tfgan_tricks import diagnostics
from tfgan_tricks.data.fashion_mnist import DEBIAN_FOLDER
from tfgan_tricks.diagnostics.detectors import DETECTORS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "doctor.md"
FINDINGS = [detector.name for detector in DETECTORS]
BY_NAME = {trial.name: trial for trial in TRIALS}


def examined(trial, folder):
    if trial in FASHION and not DEBIAN_FOLDER.is_dir():
        pytest.skip("needs Fashion-MNIST, Debian's package dataset-fashion-mnist")
    return record.examine(trial, 0, folder)


@pytest.mark.parametrize("name", ["mlp, spectral norm", "mlp, ring of eight"])
def test_nothing_serious_is_found_in_a_healthy_training(name, tmp_path):
    assert confusion.problems([examined(BY_NAME[name], tmp_path)]) == []


@pytest.mark.slow
@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.name)
def test_each_trial_ends_as_it_should(trial, tmp_path):
    assert confusion.problems([examined(trial, tmp_path)]) == []


def test_each_detector_has_a_training_that_it_must_recognise():
    assert {trial.expects for trial in PROVOKED} == set(FINDINGS)
    assert {trial.expects for trial in HEALTHY} == {""}


def test_trials_differ_in_name_and_folder():
    names = [trial.name for trial in TRIALS]
    assert len(set(names)) == len({record.folder_name(name) for name in names}) == len(TRIALS)
    assert len(HEALTHY) >= 20


# Who is healthy: not the doctor says it.


@pytest.fixture(scope="module")
def check():
    return HealthCheck(*data("digits"), steps=1_000)


def generated(kind: str) -> np.ndarray:
    (images, labels), random = data("digits"), np.random.default_rng(1)
    means = np.stack([images[labels == label].mean(0) for label in range(10)])
    noise = random.normal(0.0, 1.0, (900, 8, 8, 1))
    made = {
        "data": images[random.permutation(len(images))[:900]],
        "noise": noise,
        "mean": images.mean(0) + 0.0 * noise,
        "class means": np.tile(means, (90, 1, 1, 1)) + 0.05 * noise,
        "seven classes": images[labels < 7][:900],
        "noisy data": images[:900] + 0.8 * noise,
    }
    return np.clip(made[kind], -1.0, 1.0).astype("float32")


def test_only_images_like_the_data_in_all_their_variety_count_as_healthy(check):
    kinds = ("data", "mean", "class means", "seven classes", "noisy data")
    start, found = check.of(generated("noise")), {kind: check.of(generated(kind)) for kind in kinds}
    assert {kind for kind in kinds if is_healthy([start, found[kind]])} == {"data"}
    assert found["mean"].distance == pytest.approx(1.0, abs=0.05)  # what the mean image has by definition
    assert found["seven classes"].smallest_share == 0.0
    assert found["data"].coverage > 0.9


def test_a_training_that_was_better_before_is_not_healthy():
    good, worse = Health(2_000, 0.1, 0.5, 0.5), Health(4_000, 0.2, 0.5, 0.5)
    assert is_healthy([Health(0, 2.0, 0.0, 0.0), worse, good])
    assert not is_healthy([Health(0, 2.0, 0.0, 0.0), good, worse])
    assert not is_healthy([worse, worse, good])  # hardly better than at the start


# The record of a training.


@pytest.fixture
def short():
    return dataclasses.replace(BY_NAME["mlp"], steps=40)


def test_a_training_is_done_once_and_diagnosed_again(short, tmp_path, monkeypatch):
    first = record.examine(short, 0, tmp_path)
    assert not first["healthy"]  # after 40 steps
    (folder,) = tmp_path.iterdir()
    assert len((folder / "doctor" / "signals.jsonl").read_text().splitlines()) == 3
    trained = []
    monkeypatch.setattr(record, "run", lambda *arguments: trained.append(arguments))
    assert record.examine(short, 0, tmp_path) == first
    assert not trained
    (folder / "trained.json").unlink()  # as if it had been interrupted
    assert record.examine(short, 0, tmp_path)["findings"] == {}  # the signals of a training that did not happen
    assert len(trained) == 1


def test_a_record_for_other_detectors_or_steps_is_made_anew(short, tmp_path, monkeypatch):
    trained = []
    monkeypatch.setattr(record, "run", lambda *arguments: trained.append(arguments))
    plain = dataclasses.replace(short, labels=None)
    few = dataclasses.replace(plain, doctor={"detectors": [DETECTORS[0]()]})
    longer = dataclasses.replace(plain, steps=50)
    for trial, times in ((few, 1), (few, 1), (plain, 2), (plain, 2), (longer, 3)):
        record.examine(trial, 0, tmp_path)
        assert len(trained) == times
    record.examine(longer, 0, tmp_path, again=True)
    assert len(trained) == 4
    assert len(list(tmp_path.iterdir())) == 1


# The tables.


def row(expects="", seed=0, healthy=True, severity="serious", **severities):
    health = [dataclasses.asdict(Health(0, 2.0, 0.0, 0.0)), dataclasses.asdict(Health(640, 0.25, 0.5, 0.75 - seed))]
    found = {name: {"severity": severity, "evidence": [f"{name} seen."]} for name, severity in severities.items()}
    about = {"severity": severity} if expects else {"healthy": healthy, "health": health}
    return {"trial": expects or "quiet", "expects": expects, "seed": seed, "steps": 640, **about, "findings": found}


RECORDS = [
    row("one", one="serious", other="warning"),
    row("one", seed=1, one="warning"),
    row("other", one="serious", other="serious", third="note"),
    row("third", severity="warning", third="warning"),
    row("third", seed=1, severity="warning", third="note"),
    row("third", seed=2),
    row(),
    row(seed=0.25, one="warning", other="serious", healthy=False),
]


def test_the_table_counts_each_finding_in_each_kind_of_training():
    assert confusion.confusion_table(RECORDS, ["one", "other", "third"]).splitlines() == [
        "| provoked | trainings | 1 | 2 | 3 |",
        "| --- | ---: | ---: | ---: | ---: |",
        "| 1 one | 2 | **1 (1)** | (1) |  |",
        "| 2 other | 1 | 1 | **1** |  |",
        "| 3 third | 3 |  |  | **(1)** |",
        "| nothing: healthy | 2 | (1) | 1 |  |",
    ]
    assert confusion.healthy_table(RECORDS).splitlines()[2:] == [
        "| quiet | 640 | 2.00 → 0.25 | 0.50 | 0.50 | one 1, other 1 |"
    ]


def test_misses_false_alarms_and_sick_trainings_are_named():
    assert confusion.problems(RECORDS) == [
        "one, seed 1: one found as warning",
        "third, seed 1: third found as note",
        "third, seed 2: third found as nothing",
        "quiet, seed 0.25: is not healthy by the metrics",
        "quiet, seed 0.25: false alarm, other: other seen.",
    ]


# The command, and the page.


@pytest.fixture
def script():
    spec = importlib.util.spec_from_file_location("benchmark_doctor_trials", ROOT / "benchmarks" / "doctor_trials.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_command_writes_what_it_prints(script, tmp_path, monkeypatch, capsys):
    asked = []

    def examine(trial, seed, work, again):
        asked.append((trial.name, seed, work, again))
        return row(seed=seed, healthy=trial.name != "mlp", mode_collapse="warning") | {"trial": trial.name}

    monkeypatch.setattr(script, "examine", examine)
    target = tmp_path / "new" / "trials.json"
    there = ["--json", str(target), "--work", str(tmp_path)]
    assert script.main([*there, "--quick", "--trial", "mlp, LeCam"]) == 0
    assert script.main([*there, "--again", "--trial", "mlp", "--trial", "mlp, LeCam"]) == 1  # one of them is not well
    both = [(name, seed, tmp_path, True) for name in ("mlp", "mlp, LeCam") for seed in script.SEEDS]
    assert asked == [("mlp, LeCam", 0, tmp_path, False), *both]
    printed = capsys.readouterr().out
    report = json.loads(target.read_text(encoding="utf-8"))
    assert report["findings"] == FINDINGS
    assert len(report["trials"]) == len(both)
    assert "mlp, seed 1: is not healthy by the metrics" in printed
    assert confusion.confusion_table(report["trials"], FINDINGS) in printed
    assert confusion.healthy_table(report["trials"]) in printed
    with pytest.raises(SystemExit):
        script.main(["--trial", "no such trial"])
    assert "there is no trial 'no such trial'" in capsys.readouterr().err


def test_the_example_of_the_page_finds_what_the_page_says(tmp_path, monkeypatch, capsys):
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(compile(code.replace("steps_per_epoch=200", "steps_per_epoch=100"), PAGE.name, "exec"), names)
    assert "discriminator_won" in {found.name for found in names["doctor"].findings if found.severity == "serious"}
    assert "SERIOUS: discriminator won" in capsys.readouterr().out
    window = diagnostics.read_window("signals")
    assert len(window.snapshots) == 6
    assert diagnostics.diagnose(window, [diagnostics.DiscriminatorWon(accuracy=0.95)])


def test_the_page_says_what_was_measured(script):
    page = PAGE.read_text(encoding="utf-8")
    measured = json.loads((ROOT / "benchmarks" / "results" / "doctor_trials.json").read_text(encoding="utf-8"))
    assert measured["findings"] == FINDINGS
    assert measured["seeds"] == list(script.SEEDS)
    runs = [(trial["trial"], trial["seed"]) for trial in measured["trials"]]
    assert runs == [(trial.name, seed) for trial in TRIALS for seed in script.SEEDS]
    assert confusion.confusion_table(measured["trials"], FINDINGS) in page
    assert confusion.healthy_table(measured["trials"]) in page
    assert not confusion.problems(measured["trials"])
    for name in FINDINGS:
        assert f"`{name}`" in page
