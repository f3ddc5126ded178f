"""A disk that is full, cannot be written to, or is gone: one message, what was saved stays, and the run goes on.

The disks are memory file systems and read-only binds, which only root may mount; elsewhere the tests are skipped.
"""

import shutil
import subprocess

import pytest

from tests.faults import faults
from tests.faults.runs import assert_same, assert_saved, train
from tfgan_tricks.callbacks import summaries

pytestmark = pytest.mark.slow


def mount(*arguments):
    done = subprocess.run(["mount", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")


@pytest.fixture
def disk(tmp_path):
    """A file system of 1 MB, enough for this run."""
    mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", tmp_path)
    summaries._writer.cache_clear()
    yield tmp_path
    subprocess.run(["umount", "-l", str(tmp_path)], check=True)


def refused(capsys) -> str:
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    assert captured.err.count("tfgan-tricks: ") == 1
    assert "free space" in captured.err
    return captured.err


# Bytes that are left: a picture, a checkpoint, and the picture after the next checkpoint no longer fit.
@pytest.mark.parametrize("free", [0, 65536, 122880])
def test_a_disk_that_fills_up_within_a_run(free, disk, undisturbed, capsys):
    assert train(disk / "run", fault=f"fill@112:{disk},{free}") == 2
    assert "could not be written" in refused(capsys)
    assert_saved(disk / "run", *((80,) if free < 122_880 else (80, 160)))
    (disk / "filling").unlink()
    assert train(disk / "run") == 0
    assert_same(disk / "run", undisturbed)


# What no longer fits: the folder, the config, the pictures, the first checkpoint.
@pytest.mark.parametrize("free", [0, 8192, 16384, 24576])
def test_a_disk_that_is_full_from_the_start(free, disk, undisturbed, capsys):
    faults.fill(f"{disk},{free}")
    assert train(disk / "run") == 2
    refused(capsys)
    if (disk / "run").exists():
        assert_saved(disk / "run")
    (disk / "filling").unlink()
    assert train(disk / "run") == 0
    assert_same(disk / "run", undisturbed)


def test_a_folder_that_cannot_be_written_to_any_more(tmp_path, undisturbed, capsys):
    run = tmp_path / "run"
    assert train(run, fault="send@112:SIGTERM") == 0
    mount("--bind", tmp_path, tmp_path)
    try:
        mount("-o", "remount,ro,bind", tmp_path)
        for folder in (run, tmp_path / "new"):
            assert train(folder) == 2
            assert f"Nothing can be written to the folder '{folder}'" in capsys.readouterr().err
    finally:
        subprocess.run(["umount", "-l", str(tmp_path)], check=True)
    assert_saved(run, 80, 112)
    assert train(run) == 0
    assert_same(run, undisturbed)


def test_a_folder_that_is_deleted_under_the_run(tmp_path, undisturbed, capsys):
    run = tmp_path / "run"
    assert train(run, fault=f"remove@112:{run}") == 2
    assert "could not be written" in capsys.readouterr().err
    assert not run.exists()  # nothing is written where the folder was
    assert train(run) == 0
    assert_same(run, undisturbed)


def test_a_folder_without_its_checkpoints_begins_again(tmp_path, undisturbed):
    assert train(tmp_path, fault="send@176:SIGTERM") == 0
    shutil.rmtree(tmp_path / "checkpoints")
    assert train(tmp_path) == 0
    assert_same(tmp_path, undisturbed)
