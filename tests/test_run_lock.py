"""One training at a time in a folder."""

import os
import signal
import subprocess
import sys
import time

import filelock
import pytest

from tfgan_tricks.run_lock import LOCK, OWNER, locked

HOLD = """
import filelock, sys, time
with filelock.FileLock(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_training_is_refused_and_told_who_has_the_folder(tmp_path):
    with locked(tmp_path):
        with pytest.raises(BlockingIOError, match=f"locked by process {os.getpid()} on") as refused, locked(tmp_path):
            pytest.fail("two trainings in one folder")
        assert "choose another --workdir" in str(refused.value)
        assert (tmp_path / OWNER).exists()  # the first one's
    with locked(tmp_path):
        assert (tmp_path / OWNER).exists()
    assert not (tmp_path / OWNER).exists()


def test_a_killed_process_leaves_no_lock(tmp_path):
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path / LOCK)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(BlockingIOError, match="locked by another process"), locked(tmp_path):
        pytest.fail("the other process holds it")
    holder.send_signal(signal.SIGKILL)
    holder.wait(30)
    begun = time.monotonic()
    with locked(tmp_path):
        assert time.monotonic() - begun < 5.0


def test_a_folder_made_for_nothing_goes_again(tmp_path):
    with pytest.raises(RuntimeError, match="refused"), locked(tmp_path / "new"):
        raise RuntimeError("refused")
    assert not (tmp_path / "new").exists()
    with locked(tmp_path / "new"):
        (tmp_path / "new" / "config.json").write_text("{}")
    assert (tmp_path / "new" / "config.json").exists()


def test_a_file_system_without_locks_is_warned_of(tmp_path, monkeypatch, caplog):
    def lacks(self, *args, **kwargs):
        raise NotImplementedError("flock")

    monkeypatch.setattr(filelock.FileLock, "acquire", lacks)
    with locked(tmp_path):
        assert (tmp_path / OWNER).exists()
    assert "has no locks" in caplog.text
