"""Command lines of any kind end with an exit code and at most one message, and never with a traceback."""

import contextlib
import importlib
import io
import os
from pathlib import Path

import pytest
from absl import flags
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.hostile.effort import FEW, MANY
from tests.hostile.texts import texts
from tfgan_tricks import experiment
from tfgan_tricks.cli.main import COMMANDS, main
from tfgan_tricks.configuration.fields import check_config, default_config

ROOT = Path(__file__).parents[2]
RECIPE = f"{ROOT}/configs/digits_quickstart.py"
FIELDS = sorted(
    f"{above}{name}"
    for above, part in (("", default_config()), *((f"{n}.", default_config()[n]) for n in ("data", "evaluation")))
    for name in part
)
VALUES = (
    "",
    "0",
    "-1",
    "1e9",
    "9" * 400,
    "true",
    "None",
    "(",
    "()",
    "('R1()',)",
    "..",
    "nowhere",
    "/dev/null",
    "~no/x",
)


class Stop(ValueError):  # noqa: N818 - it is no error
    """Training would begin now."""


@pytest.fixture(autouse=True, scope="module")
def no_training():
    """A command line that is right as it is would train: it ends where the config has been checked."""

    def checked(config, *_, **__):
        check_config(config)
        raise Stop("Received: all that training needs")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(experiment, "train", checked)
        yield


def values() -> st.SearchStrategy[str]:
    """Returns values of flags and fields."""
    return st.sampled_from(VALUES) | texts() | st.integers().map(str) | st.floats().map(repr)


def known(command: str) -> list[str]:
    """Returns the names of a command's own flags."""
    found = flags.FlagValues()
    importlib.import_module(f"tfgan_tricks.cli.{command}_command").define(found, [command])
    return [name for name in found if name != "config"]


def arguments(command: str) -> st.SearchStrategy[list[str]]:
    """Returns command lines without the command; most of their flags are the command's own."""
    names = st.sampled_from((*(known(command) if command in COMMANDS else ()), "help", "workdir"))
    flag = st.tuples(st.just("--") | st.sampled_from(("-", "--no")), names, values())
    field = st.tuples(st.sampled_from(FIELDS) | st.text(max_size=8), values())
    config = st.one_of(st.just(RECIPE), st.just(f"{RECIPE}:quick"), st.text(max_size=9).map(f"{RECIPE}:".__add__))
    one = st.one_of(
        flag.map(lambda p: [f"{p[0]}{p[1]}={p[2]}"]),
        flag.map(lambda p: [f"{p[0]}{p[1]}", p[2]]),
        st.sampled_from((["--"], ["-"], ["--config."], ["--config.=1"], ["--config.data={}"])),
        st.text(max_size=20).map(lambda text: [text]),
    )
    if command == "train":
        one = st.one_of(field.map(lambda p: [f"--config.{p[0]}={p[1]}"]), one)
    whole = st.just(["--workdir", "run"])
    if command == "train":
        whole = config.map(lambda path: ["--config", path, "--workdir", "run"])
    return (
        st.tuples(whole | st.just([]), st.lists(one, max_size=3))
        .map(lambda p: [p[0], *p[1]])
        .map(lambda parts: [text for part in parts for text in part if "trace" not in text])
    )


def run(command: str, words: list[str], folder: Path) -> tuple[int, str]:
    """Runs a command line in a folder; returns its exit code and what it said, after checking how it said it."""
    out, err = io.StringIO(), io.StringIO()
    before = os.getcwd()
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main([command, *words])
    finally:
        os.chdir(before)
    assert code in (0, 1, 2), code
    said = err.getvalue()
    assert "Traceback" not in said
    assert (code == 0) or said.count("tfgan-tricks: ") == 1
    return code, said


@settings(FEW, max_examples=50)
@given(line=st.sampled_from(sorted(COMMANDS)).flatmap(lambda name: st.tuples(st.just(name), arguments(name))))
@example(("train", ["--config", RECIPE, "--workdir", "run", "--config.terms=(1,2)"]))
@example(("train", ["--config", RECIPE, "--workdir", "run", "--config.data.resolution=1000000000"]))
@example(("train", ["--config", RECIPE, "--workdir", "run", "--config.data=1"]))
@example(("train", ["--config", RECIPE, "--workdir", "run", "--config.data"]))
@example(("train", ["--config", f"{ROOT}/configs/../configs/digits_quickstart.py:../../etc", "--workdir", "run"]))
@example(("sample", ["--workdir", "a\0b"]))
@example(("sample", ["--workdir", "x" * 5_000]))
@example(("report", ["--workdir", "~nobody-of-this-name"]))
@example(("evaluate", ["--real", "~nobody-of-this-name", "--fake", "x"]))
@example(("evaluate", ["--real", "npz:" + "x" * 5_000, "--fake", "x\0"]))
def test_any_command_line_ends_with_a_code_and_one_message(tmp_path_factory, line):
    run(*line, tmp_path_factory.getbasetemp())


@pytest.mark.slow
@settings(MANY)
@given(
    line=(st.sampled_from(sorted(COMMANDS)) | st.text(max_size=9)).flatmap(
        lambda name: st.tuples(st.just(name), arguments(name))
    )
)
def test_thousands_of_command_lines_end_with_a_code_and_one_message(tmp_path_factory, line):
    run(*line, tmp_path_factory.getbasetemp())
