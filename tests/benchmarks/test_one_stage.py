"""The one-stage benchmark: its arithmetic, and one small run of it."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "benchmarks" / "one_stage.py"


@pytest.fixture
def one_stage(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPT.parent))
    spec = importlib.util.spec_from_file_location("benchmark_one_stage", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_speedups_are_taken_round_by_round_and_memory_from_where_the_networks_stood(one_stage):
    # The machine slows down from round to round: the ratio of the medians would say 0.5, that of the rounds says 2.
    samples = {
        "alternating": [(2.0, 3.0), (4.0, 6.0), (80.0, 6.0)],
        "one_stage": [(1.0, 2.0), (8.0, 3.0), (20.0, 4.0)],
    }
    sizes = {"alternating": (500.0, 900.0), "one_stage": (510.0, 780.0)}
    found = {
        kind: {"samples_wall_cpu_s": times, "built_mib": sizes[kind][0], "peak_mib": sizes[kind][1]}
        for kind, times in samples.items()
    }
    assert one_stage.summarize(found) == {
        "alternating_wall_s": 4.0,
        "one_stage_wall_s": 8.0,
        "wall_speedup": 2.0,
        "alternating_cpu_s": 6.0,
        "one_stage_cpu_s": 3.0,
        "cpu_speedup": 1.5,
        "alternating_peak_mib": 900.0,
        "alternating_step_mib": 400.0,
        "one_stage_peak_mib": 780.0,
        "one_stage_step_mib": 270.0,
    }


def test_where_memory_is_not_counted_none_is_reported(one_stage):
    found = {
        kind: {"samples_wall_cpu_s": [(1.0, 1.0)], "built_mib": None, "peak_mib": None}
        for kind in ("alternating", "one_stage")
    }
    summary = one_stage.summarize(found)
    assert summary["one_stage_step_mib"] is None
    assert summary["wall_speedup"] == 1.0


@pytest.mark.slow
def test_a_small_run_writes_every_sample(tmp_path):
    report = tmp_path / "new" / "one_stage.json"
    sizes = ["--batch", "4", "--width", "4", "--steps", "2", "--threads", "1"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(SCRIPT), *sizes, "--json", str(report)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    measured = json.loads(report.read_text())
    results = measured["results"]
    passes = {"sngan_cnn": 1, "dcgan": 2, "dcgan_plain": 1}  # batch norm in a critic ties the images together
    assert {name: found["one_stage"]["backward_passes"] for name, found in results.items()} == passes
    assert set(measured["summary"]) == set(passes)
    for found in results.values():
        assert found["alternating"]["parameters"] == found["one_stage"]["parameters"]
        for kind in ("alternating", "one_stage"):
            samples = found[kind]["samples_wall_cpu_s"]
            assert len(samples) == 2
            assert min(map(min, samples)) > 0
            assert found[kind]["peak_mib"] > found[kind]["built_mib"] > 0
    assert all(name in done.stdout for name in passes)
