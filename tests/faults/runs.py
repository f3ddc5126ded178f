"""A tiny run of the command line, with faults in it, in this process or in one of its own, and what it left behind."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from tests.faults import faults
from tfgan_tricks.callbacks.checkpoints import check, checkpoints
from tfgan_tricks.cli.main import main

ROOT = Path(__file__).parents[2]
TINY = [
    "--config",
    f"{ROOT}/configs/digits_quickstart.py:quick",
    "--config.architecture=mlp(widths=(8,))",
    "--config.data.resolution=8",
    "--config.images=320",
    "--config.images_per_epoch=80",
    "--config.batch_size=16",
    "--config.grid=4",
    "--config.class_summary=0",
    "--config.doctor=",
]
LAST = 320  # images of an undisturbed run


def train(workdir: Path, *added: str, fault: str = "") -> int:
    """Runs `tfgan-tricks train` in this process, and returns its exit code."""
    with pytest.MonkeyPatch.context() as patch:
        for text in fault.split():
            faults.strike(patch.setattr, text)
        return main(["train", *TINY, *added, "--workdir", str(workdir)])


def begin(workdir: Path, *added: str, fault: str = "", **how) -> subprocess.Popen:
    """Starts `tfgan-tricks train` as a process; `how` is for `subprocess.Popen`."""
    arguments = ["train", *TINY, *added, "--workdir", str(workdir)]
    command = [sys.executable, "-m", "tests.faults.faults", *fault.split(), "--", *arguments]
    return start(command, **how)


def start(command: list[str], **how) -> subprocess.Popen:
    """Starts a process that sees the same numbers as this one."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3", "TF_DETERMINISTIC_OPS": "1"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=environment, cwd=ROOT, **{**pipes, **how})


def finished(process: subprocess.Popen) -> tuple[int, str, str]:
    """Returns the exit code of a process, what it wrote, and what it wrote of errors."""
    out, errors = process.communicate(timeout=500)
    return process.returncode, out or "", errors or ""


def resumed_as_told(out: str) -> tuple[int, str, str]:
    """Runs the command that a stopped run printed, and returns the same of it."""
    told = re.search(r"^Resume with: tfgan-tricks (.+)$", out, re.MULTILINE)
    assert told, out
    return finished(start([sys.executable, "-m", "tfgan_tricks.cli.main", *shlex.split(told[1])]))


def assert_saved(workdir: Path, *images: int) -> None:
    """Checks that a run has just these checkpoints, all of them whole."""
    assert [check(path)["images_seen"] for path in checkpoints(workdir / "checkpoints").values()] == list(images)


def assert_same(workdir: Path, other: Path) -> None:
    """Checks that two runs have equal models, numbers and pictures, to the last bit, and left nothing unfinished."""
    assert not list(workdir.rglob(".tmp-*"))
    assert max(checkpoints(workdir / "checkpoints")) == max(checkpoints(other / "checkpoints"))
    for mine, theirs in zip(state(workdir), state(other), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert rows(workdir) == rows(other)
    pictures = [path.name for path in sorted((other / "samples").iterdir())]
    assert [path.name for path in sorted((workdir / "samples").iterdir())] == pictures
    for name in pictures:
        with Image.open(workdir / "samples" / name) as mine, Image.open(other / "samples" / name) as theirs:
            np.testing.assert_array_equal(np.asarray(mine), np.asarray(theirs))


def state(workdir: Path) -> list[np.ndarray]:
    """Returns the variables of the last checkpoint, those of its optimizers too."""
    gan = keras.models.load_model(list(checkpoints(workdir / "checkpoints").values())[-1])
    optimizers = (gan.generator_optimizer, gan.discriminator_optimizer)
    variables = [*gan.variables, *(variable for optimizer in optimizers for variable in optimizer.variables)]
    return [keras.ops.convert_to_numpy(variable.value) for variable in variables]


def rows(workdir: Path) -> list[dict]:
    """Returns the numbers of a run but those that tell of seconds."""
    lines = [json.loads(line) for line in (workdir / "metrics.jsonl").read_text().splitlines()]
    return [{name: value for name, value in line.items() if "second" not in name} for line in lines]
