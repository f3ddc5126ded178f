"""The command line on two workers: one writes, and a job that lost a worker comes back and ends as it would have."""

import json
import time

import keras
import numpy as np
import pytest

from tests.cli.test_commands import TINY
from tests.distribution.loopback import finish, start

LONG = [*TINY, "--config.images=640", "--config.class_summary=0"]


def begun(folder, workdir, arguments=LONG):
    return start(2, ["-m", "tfgan_tricks.cli.main", "train", *arguments, "--workdir", str(workdir)], folder)


def state(workdir) -> list[np.ndarray]:
    gan = keras.models.load_model(sorted((workdir / "checkpoints").iterdir())[-1])
    variables = [*gan.variables, *gan.generator_optimizer.variables, *gan.discriminator_optimizer.variables]
    return [variable.numpy() for variable in variables]


def rows(workdir) -> list[dict]:
    lines = [json.loads(line) for line in (workdir / "metrics.jsonl").read_text().splitlines()]
    return [{name: value for name, value in line.items() if "second" not in name} for line in lines]


@pytest.mark.slow
def test_one_of_two_workers_writes_and_tells(tmp_path):
    finish(begun(tmp_path, tmp_path / "run", TINY), tmp_path)
    assert "of 10 classes" in (tmp_path / "log-0.txt").read_text()
    assert "images" not in (tmp_path / "log-1.txt").read_text()
    assert [row["images_seen"] for row in rows(tmp_path / "run")] == [32, 64]
    assert len(list((tmp_path / "run" / "logs").iterdir())) == 1
    files = [path for path in (tmp_path / "run").rglob("*") if path.is_file()]
    assert not [path for path in files if "tmp" in path.name]


@pytest.mark.slow
@pytest.mark.parametrize("victim", [0, 1])
def test_a_killed_worker_ends_the_job_which_comes_back_from_its_last_checkpoint(tmp_path, victim):
    for name in ("quiet", "first", "second"):
        (tmp_path / name).mkdir()
    quiet, run = tmp_path / "quiet" / "run", tmp_path / "run"
    finish(begun(tmp_path / "quiet", quiet), tmp_path / "quiet")
    processes = begun(tmp_path / "first", run)
    while len(list((run / "checkpoints").glob("*.keras")) if run.exists() else []) < 2:
        assert all(process.poll() is None for process in processes)
        time.sleep(0.05)
    processes[victim].kill()
    other = 1 - victim
    assert processes[other].wait(180) != 0
    log = (tmp_path / "first" / f"log-{other}.txt").read_text()
    if victim == 1:  # the chief lives on to tell; without it TensorFlow's own coordination ends the other
        assert "Another worker of this training is gone" in log
    finish(begun(tmp_path / "second", run), tmp_path / "second")
    for mine, undisturbed in zip(state(run), state(quiet), strict=True):
        np.testing.assert_array_equal(mine, undisturbed)
    for mine, undisturbed in zip(rows(run), rows(quiet), strict=True):
        assert mine == pytest.approx(undisturbed, rel=1e-5)  # sums over workers come in any order
