"""The step benchmark: its arithmetic, and one small run of it."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "benchmarks" / "step.py"


@pytest.fixture
def step(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPT.parent))
    spec = importlib.util.spec_from_file_location("benchmark_step", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_ratios_are_taken_round_by_round(step):
    # The machine slows down from round to round: the ratio of the medians would say 2, that of the rounds says 0.5.
    samples = {"tfgan_tricks": [(1.0, 3.0), (2.0, 3.0), (40.0, 3.0)], "torch": [(2.0, 1.0), (1.0, 2.0), (80.0, 12.0)]}
    row = step.summarize(samples)["torch"]
    assert row == {
        "wall_median_s": 2.0,
        "wall_ours_over_this": 0.5,
        "cpu_median_s": 2.0,
        "cpu_ours_over_this": 1.5,
    }


@pytest.mark.slow
def test_a_small_run_writes_every_sample(tmp_path):
    report = tmp_path / "new" / "step.json"
    sizes = ["--batch", "4", "--width", "4", "--steps", "2", "--threads", "1"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(SCRIPT), *sizes, "--json", str(report)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    measured = json.loads(report.read_text())
    contenders = {"tfgan_tricks", "keras"} | ({"torch"} if importlib.util.find_spec("torch") else set())
    assert set(measured["samples_wall_cpu_s"]) == set(measured["summary"]) == contenders
    assert all(len(samples) == 2 and min(map(min, samples)) > 0 for samples in measured["samples_wall_cpu_s"].values())
    assert contenders <= set(measured["versions"])
    # Generator: dense 129·512, transposed 16·(32·16 + 16·8 + 8·4), scale and offset 2·28, last 3·(9·4 + 1);
    # discriminator, by kernel: 4·28 + 4·65 + 8·37 + 8·129 + 16·73 + 16·257 + 32·145, last 513.
    generator = 129 * 512 + 16 * (32 * 16 + 16 * 8 + 8 * 4) + 2 * 28 + 3 * 37
    critic = 4 * 28 + 4 * 65 + 8 * 37 + 8 * 129 + 16 * 73 + 16 * 257 + 32 * 145 + 513
    assert measured["settings"]["trained_parameters"] == generator + critic
