"""Folders of runs whose files are damaged or made up: every command ends with a code and one message."""

import contextlib
import io
import shutil
import zipfile
from pathlib import Path

import pytest

from tests.cli.test_commands import TINY, mistake
from tfgan_tricks.callbacks.checkpoints import checkpoints
from tfgan_tricks.cli import main as command_line
from tfgan_tricks.cli.main import main
from tfgan_tricks.run_folder import RunFolder

RECIPE = [*TINY, "--config.class_summary=0"]
READING = (
    ["sample", "--count", "2"],
    ["evaluate", "--metrics", "swd", "--features", "identity", "--count", "8"],
    ["report"],
    ["doctor", "--json"],
    ["train", *RECIPE],
)
DEEP = "[" * 100_000
FILES = [
    *(
        ("config.json", text)
        for text in ("[]", "5", "null", "{}", DEEP, "\xff\xfe\0", '{"data": []}', '{"data": 5}', "NaN")
    ),
    *(("metrics.jsonl", text) for text in ("[]\n{}\n", DEEP + "\n{}\n", '{"images_seen": 1, "generator_loss": "x"}\n')),
    *(
        ("evaluations.jsonl", '{"images_seen": 32' + rest + "}\n")
        for rest in ("", ', "checkpoint": 5, "results": {}', ', "checkpoint": "training", "best": true, "results": []')
    ),
    *(("versions.json", text) for text in ("[]", "{", "\0", '{"keras": []}')),
]
COMMENTS = [b"[]", b'"a"', b'{"format": "x"}', b'{"images_seen": "many"}', b'{"images_seen": -5}', b"[" * 60_000, b"{"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A finished tiny run."""
    workdir = tmp_path_factory.mktemp("run") / "run"
    assert main(["train", *RECIPE, "--workdir", str(workdir)]) == 0
    return workdir


def told(*arguments: str) -> tuple[int, str]:
    """Runs a command; returns its exit code, and the message that it ends with if that is not 0."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(list(arguments))
    assert "Traceback" not in err.getvalue()
    assert (code == 0) == ("tfgan-tricks: " not in err.getvalue())
    return code, err.getvalue()


def commented(path: Path, comment: bytes) -> None:
    """Replaces what a checkpoint says about itself."""
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = comment


@pytest.mark.slow
@pytest.mark.parametrize(("name", "text"), FILES, ids=lambda text: text[:40])
def test_a_made_up_file_in_a_run_is_a_message_or_no_harm(name, text, run, tmp_path):
    for number, words in enumerate(READING):
        folder = tmp_path / str(number)
        shutil.copytree(run, folder)
        (folder / name).write_bytes(text.encode("latin-1"))
        code, message = told(*words, "--workdir", str(folder))
        assert code in (0, 2), message


@pytest.mark.parametrize("text", ["[]", "null", DEEP, "\xff\xfe\0", '{"data": []}', '{"data": 5}', ""])
def test_a_config_that_is_none_is_named(text, tmp_path):
    (tmp_path / "config.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(ValueError, match=r"no readable run(.|\n)*config\.json"):
        RunFolder(tmp_path).read_config()


@pytest.mark.slow
@pytest.mark.parametrize("comment", COMMENTS)
def test_a_checkpoint_that_talks_nonsense_is_damaged(comment, run, tmp_path, capsys):
    folder = tmp_path / "run"
    shutil.copytree(run, folder)
    *_, newest = checkpoints(folder / "checkpoints").values()
    commented(newest, comment)
    assert main(["train", *RECIPE, "--workdir", str(folder)]) == 0
    assert "Going on from 32 images" in capsys.readouterr().out  # from the one before
    for path in checkpoints(folder / "checkpoints").values():
        commented(path, comment)
    assert "No checkpoint of this run can be read" in mistake(capsys, "train", *RECIPE, "--workdir", str(folder))
    assert "no checkpoint yet" in mistake(capsys, "sample", "--workdir", str(folder))


@pytest.mark.slow
def test_a_model_that_is_no_checkpoint_is_not_gone_on_from(run, tmp_path, capsys):
    folder = tmp_path / "run"
    shutil.copytree(run, folder)
    *_, newest = checkpoints(folder / "checkpoints").values()
    commented(newest, b"")
    assert main(["sample", "--count", "2", "--workdir", str(folder)]) == 0
    message = mistake(capsys, "train", *RECIPE, "--workdir", str(folder))
    assert f"'{newest}' does not say how many images" in message


def test_what_no_one_thought_of_is_one_message_too(capsys, monkeypatch):
    def fail(values, positional):
        """Fails."""
        raise KeyError("nothing like it")

    monkeypatch.setattr(
        command_line.importlib, "import_module", lambda name: type("", (), {"define": lambda *_: None, "main": fail})
    )
    assert main(["sample"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("tfgan-tricks: Something that should not have happened.")
    assert "KeyError: 'nothing like it'" in said
    with pytest.raises(KeyError):
        main(["sample", "--traceback"])


def test_a_file_of_flags_that_is_not_there_is_named(capsys):
    for words in (["--flagfile", "nowhere"], ["--flagfile"]):
        assert "flagfile" in mistake(capsys, "train", "--config", "x.py", "--workdir", "run", *words)
