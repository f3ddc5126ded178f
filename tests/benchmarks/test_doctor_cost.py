"""The benchmark of the doctor's cost: its arithmetic, and one small run of it."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "doctor_cost.py"


def test_each_watched_segment_is_compared_with_those_around_it():
    specification = importlib.util.spec_from_file_location("benchmark_doctor_cost", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    # The machine becomes slower and slower: the sum of the watched ones over that of the others would say -2 %.
    assert module.slowdowns([1.0, 3.3, 5.0, 7.0, 9.0]) == pytest.approx([0.1, 0.0])
    assert module.spread([0.1])["median"] == 0.1


@pytest.mark.slow
def test_a_small_run_times_every_detector(tmp_path):
    file = tmp_path / "cost.json"
    small = ["--cases", "digits", "--width", "4", "--seconds", "0.1", "--pairs", "1", "--rounds", "1"]
    subprocess.run([sys.executable, str(SCRIPT), *small, "--json", str(file)], check=True, timeout=300)
    found = json.loads(file.read_text(encoding="utf-8"))["cases"]["digits"]
    assert found["unlimited"]["looks"] >= 1
    assert found["limited"]["seconds_per_step"] > 0.0
    assert {"measure: dead_units", "judge: dead_units", "shared: inference"} <= set(found["parts_of_a_look_seconds"])
