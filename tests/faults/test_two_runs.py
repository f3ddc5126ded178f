"""Two trainings in one folder, as two processes: the second is refused, the first does not notice."""

import re
import signal
import subprocess

import pytest

from tests.faults.runs import assert_same, begin, finished, train

pytestmark = pytest.mark.slow


def test_a_second_run_is_refused_and_the_first_is_not_disturbed(undisturbed, tmp_path):
    first = begin(tmp_path, fault="hold@112", stdin=subprocess.PIPE)
    assert first.stdout is not None
    assert any("held" in line for line in first.stdout)
    for _ in range(2):
        code, out, errors = finished(begin(tmp_path))
        assert code == 2
        assert f"Another training is running in {tmp_path}" in errors
        assert re.search(rf"locked by process {first.pid} on \S+, since ", errors), errors
        assert "images" not in out
    assert finished(first)[0] == 0
    assert_same(tmp_path, undisturbed)


def test_a_killed_run_leaves_the_folder_free(undisturbed, tmp_path):
    code, _, _ = finished(begin(tmp_path, fault="send@112:SIGKILL"))
    assert code == -signal.SIGKILL
    assert (tmp_path / ".owner.json").exists()  # says who had it, and holds nobody up
    assert train(tmp_path) == 0
    assert not (tmp_path / ".owner.json").exists()
    assert_same(tmp_path, undisturbed)
