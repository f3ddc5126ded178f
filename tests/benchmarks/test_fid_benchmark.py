"""The benchmark of the Fréchet distance runs and reports time and memory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "fid.py"


@pytest.mark.slow
def test_a_small_run_reports_time_and_memory(tmp_path):
    file = tmp_path / "fid.json"
    command = [sys.executable, str(SCRIPT), "--images", "2000", "--width", "8", "--json", str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    report = json.loads(file.read_text(encoding="utf-8"))
    assert report["result"].startswith("fid[given,2000/2000] = ")
    assert report["seconds"] == report["seconds_statistics"] + report["seconds_distance"] > 0.0
    assert report["peak_megabytes"] >= report["peak_megabytes_after_import"] > 0.0
