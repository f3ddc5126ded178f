"""`tfgan-tricks report` from the outside: on a real run, and what it refuses."""

import importlib.util
import json
import shutil

import pytest

from tests.cli.test_commands import TINY, mistake
from tfgan_tricks.cli.main import main
from tfgan_tricks.report.reading import read_run


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A finished tiny run; its epochs of 32 images are two batches long, and 70 images are rounded to two epochs."""
    workdir = tmp_path_factory.mktemp("runs") / "a run"
    assert main(["train", *TINY, "--config.images=70", "--config.class_summary=0", "--workdir", str(workdir)]) == 0
    return workdir


def test_a_run_has_a_page_in_its_folder(run, capsys):
    assert main(["report", "--workdir", str(run)]) == 0
    assert f"Wrote {run / 'report.html'}" in capsys.readouterr().out
    text = (run / "report.html").read_text(encoding="utf-8")
    assert "<h1>a run</h1>" in text
    assert "Finished: 64 images seen, as planned." in text
    assert "could not be shown" not in text.split("<main")[1]
    assert text.count('alt="Sample grid at ') == 3
    assert f"tfgan-tricks evaluate --workdir &#39;{run}&#39;" in text  # quoted for a shell, and for HTML


def test_the_images_planned_are_those_that_training_ends_with(run):
    found = read_run(run)
    assert found.config["images"] == 70
    last = json.loads((run / "metrics.jsonl").read_text().splitlines()[-1])
    assert found.images_planned == found.images_seen == last["images_seen"] == 64


def test_a_run_that_was_killed_early_has_a_page_elsewhere(run, tmp_path):
    killed = tmp_path / "killed"
    shutil.copytree(run, killed)
    for name in ("checkpoints", "logs", "samples", "doctor"):
        shutil.rmtree(killed / name, ignore_errors=True)
    (killed / "metrics.jsonl").write_text('{"images_seen": 3')
    (tmp_path / "page.html").write_text("what was there before")
    before = sorted(killed.rglob("*"))
    assert main(["report", "--workdir", str(killed), "--output", str(tmp_path / "page.html")]) == 0
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "No line of numbers has been written" in text
    assert "No checkpoint was written yet" in text
    assert sorted(killed.rglob("*")) == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "--workdir is missing"),
        (["--workdir", "nowhere"], "no readable run in nowhere"),
        (["--workdir", "{run}", "--output", "{tmp}"], "{tmp}/report.html"),
        (["--workdir", "{run}", "--output", "{tmp}/none/page.html"], "does not exist"),
        (["--workdir", "{tmp}"], "not the config of a run"),
    ],
    ids=["no folder", "no run", "output is a folder", "no folder for the output", "no config"],
)
def test_a_mistake_is_one_message(arguments, words, run, capsys, tmp_path):
    (tmp_path / "config.json").write_text("[1]")
    places = {"run": run, "tmp": tmp_path}
    message = mistake(capsys, "report", *(argument.format(**places) for argument in arguments))
    assert words.format(**places) in message
    assert [path.name for path in tmp_path.iterdir()] == ["config.json"]


@pytest.mark.parametrize("name", ["jinja2", "matplotlib"])
def test_a_missing_extra_is_named_with_the_command_that_installs_it(name, run, capsys, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda module, *rest: None if module == name else find(module))
    message = mistake(capsys, "report", "--workdir", str(run))
    assert f"no {name}" in message
    assert "pip install 'tfgan_tricks[report]'" in message
