"""Two workers, of which one is told to end: both stop after the same step, and the job goes on."""

import signal
import time

import numpy as np
import pytest

from tests.cli.test_commands import TINY
from tests.distribution.loopback import finish
from tests.distribution.test_runs import begun, rows, state

IMAGES, EPOCH = 3_200, 1_600  # 100 steps an epoch: workers ask each other within it
LONG = [*TINY, f"--config.images={IMAGES}", f"--config.images_per_epoch={EPOCH}", "--config.class_summary=0"]


@pytest.mark.slow
def test_both_stop_alike_and_the_job_ends_as_it_would_have(tmp_path):
    for name in ("quiet", "first", "second"):
        (tmp_path / name).mkdir()
    quiet, run = tmp_path / "quiet" / "run", tmp_path / "run"
    finish(begun(tmp_path / "quiet", quiet, LONG), tmp_path / "quiet")
    processes = begun(tmp_path / "first", run, LONG)
    while "images" not in (tmp_path / "first" / "log-0.txt").read_text():  # the first step is done
        assert all(process.poll() is None for process in processes)
        time.sleep(0.02)
    processes[1].send_signal(signal.SIGTERM)
    finish(processes, tmp_path / "first")
    chief, other = ((tmp_path / "first" / f"log-{index}.txt").read_text() for index in range(2))
    (saved,) = (run / "checkpoints").iterdir()
    stopped = int(saved.stem.split("-")[1])
    assert 0 < stopped < IMAGES
    assert stopped % (10 * 16) == 0  # every ten steps of 16 images they ask
    assert f"Stopped at {stopped:,} images. Saved: {saved}" in chief
    assert f"Stopped at {stopped:,} images.\nResume with: tfgan-tricks train" in other
    finish(begun(tmp_path / "second", run, LONG), tmp_path / "second")
    for mine, undisturbed in zip(state(run), state(quiet), strict=True):
        np.testing.assert_array_equal(mine, undisturbed)
    assert [row["images_seen"] for row in rows(run)] == [row["images_seen"] for row in rows(quiet)]
