"""A run that is killed and started again with the same command ends like one that was never disturbed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
ARGUMENTS = [
    "train",
    "--config",
    f"{ROOT}/configs/digits_quickstart.py:quick",
    "--config.images=2560",
    "--config.images_per_epoch=320",
    "--config.class_summary=0",
]


def start(workdir) -> subprocess.Popen:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TF_DETERMINISTIC_OPS": "1"}
    command = [sys.executable, "-m", "tfgan_tricks.cli.main", *ARGUMENTS, "--workdir", str(workdir)]
    return subprocess.Popen(command, env=environment, cwd=workdir.parent, stderr=subprocess.DEVNULL)


def final_state(workdir) -> list[np.ndarray]:
    gan = keras.models.load_model(workdir / "checkpoints" / "checkpoint-000000002560.keras")
    optimizers = (gan.generator_optimizer, gan.discriminator_optimizer)
    variables = [*gan.variables, *(variable for optimizer in optimizers for variable in optimizer.variables)]
    return [np.array(keras.ops.convert_to_numpy(variable.value)) for variable in variables]


def rows(workdir) -> int:
    path = workdir / "metrics.jsonl"
    return len(path.read_text().splitlines()) if path.exists() else 0


@pytest.mark.slow
def test_a_killed_run_ends_like_an_undisturbed_one(tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert start(whole).wait(300) == 0
    for finished in (1, 4):  # killed in the middle of training, at two different points
        process = start(killed)
        while process.poll() is None and rows(killed) <= finished:
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait(60) == -signal.SIGKILL
    assert start(killed).wait(300) == 0
    for mine, other in zip(final_state(killed), final_state(whole), strict=True):
        np.testing.assert_array_equal(mine, other)
    assert rows(killed) == rows(whole) == 8
