"""`tfgan-tricks doctor` on runs that are finished, running, broken, old, or none at all."""

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.test_commands import TINY, mistake
from tfgan_tricks.callbacks.json_lines import append
from tfgan_tricks.cli.main import main
from tfgan_tricks.diagnostics import read_window

WON = {"discriminator_accuracy": 1.0, "discriminator_real_loss": 0.0, "discriminator_fake_loss": 0.0}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A finished tiny run, watched by a doctor."""
    workdir = tmp_path_factory.mktemp("run")
    assert main(["train", *TINY, "--config.doctor=Doctor(count=8, budget=None)", "--workdir", str(workdir)]) == 0
    return workdir


@pytest.fixture
def copy(run, tmp_path):
    """A copy of the run to spoil."""
    return Path(shutil.copytree(run, tmp_path / "copy"))


def asked(capsys, workdir, *flags) -> str:
    capsys.readouterr()
    assert main(["doctor", "--workdir", str(workdir), *flags]) == 0
    return capsys.readouterr().out


def test_a_run_is_watched_four_times_an_epoch(run, capsys):
    window = read_window(run / "doctor")
    assert [look.images for look in window.snapshots] == [0, 16, 32, 48, 64]  # no oftener than its steps of 16
    assert asked(capsys, run).startswith("5 looks, the last at 64 images: ")


def test_what_is_found_is_told_with_evidence_remedies_and_source(copy, capsys):
    for images in (80, 96, 112):
        append(copy / "doctor" / "signals.jsonl", {"images_seen": images, "values": WON, "notes": {}})
    text = asked(capsys, copy)
    assert "SERIOUS: discriminator won\n  At 112 images the discriminator is right about 100.0% of all images." in text
    assert "Seen since 80 images." in text
    assert "--config.terms=" in text
    found = json.loads(asked(capsys, copy, "--json"))
    assert (found["images_seen"], found["looks"]) == (112, 8)
    (won,) = [finding for finding in found["findings"] if finding["name"] == "discriminator_won"]
    assert (won["begun"], won["last"], won["over"], won["severity"]) == (80, 112, False, "serious")


def test_what_is_over_is_told_in_a_line(copy, capsys):
    for images, values in ((80, WON), (96, WON | {"discriminator_accuracy": 0.7})):
        append(copy / "doctor" / "signals.jsonl", {"images_seen": images, "values": values, "notes": {}})
    text = asked(capsys, copy)
    assert "Earlier, and no longer:\n" in text
    assert "  discriminator won (warning), from 80 to 80 images: At 80 images" in text


def test_a_run_without_a_doctor_is_examined_afterwards(copy, capsys):
    shutil.rmtree(copy / "doctor")
    found = json.loads(asked(capsys, copy, "--json"))
    assert (found["images_seen"], found["looks"]) == (64, 2)  # the lines of metrics.jsonl, the last with a look
    for path in (copy / "checkpoints").iterdir():
        path.unlink()
    assert json.loads(asked(capsys, copy, "--json"))["looks"] == 2


def test_a_broken_run_names_what_broke(copy, capsys):
    shutil.rmtree(copy / "doctor")
    shutil.rmtree(copy / "checkpoints")
    append(copy / "metrics.jsonl", {"images_seen": 96, "r1": None, "generator_loss": 1.0})
    assert "At 96 images r1 was not finite." in asked(capsys, copy)


def test_data_that_are_gone_are_not_compared_with(copy, capsys):
    shutil.rmtree(copy / "doctor")
    config = json.loads((copy / "config.json").read_text())
    config["data"]["source"] = "folder:/no/such/folder"
    (copy / "config.json").write_text(json.dumps(config))
    assert asked(capsys, copy).startswith("2 looks")


def test_mistakes(tmp_path, run, capsys):
    assert "There is no readable run in" in mistake(capsys, "doctor", "--workdir", str(tmp_path))
    assert "--workdir is missing" in mistake(capsys, "doctor")
    (tmp_path / "config.json").write_text((run / "config.json").read_text())
    assert "has nothing to examine yet" in mistake(capsys, "doctor", "--workdir", str(tmp_path))
    for text in ("Doktor()", "attention_maps()", "NonFinite()"):
        message = mistake(capsys, "train", *TINY, f"--config.doctor={text}", "--workdir", str(tmp_path / "new"))
        assert "config.doctor" in message
        assert not (tmp_path / "new").exists()


def test_a_run_without_a_doctor_writes_nothing_of_it(tmp_path):
    assert main(["train", *TINY, "--config.doctor=", "--workdir", str(tmp_path)]) == 0
    assert not (tmp_path / "doctor").exists()
