"""Runs that are killed at random moments end like undisturbed ones, to the last bit; see `kills.py`."""

import json
import subprocess
import sys

import pytest

from tests.faults.kills import ROOT, SCENARIOS


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_run_killed_again_and_again_ends_undisturbed(scenario):
    command = [sys.executable, "-m", "tests.faults.kills", scenario]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1800)
    assert done.returncode == 0, done.stderr[-2000:]
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["differs"] == [], result
    assert result["kills"] + result["missed"] > 0
