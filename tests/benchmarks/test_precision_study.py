"""The study of half precision: its statistics, what is the same in all of its runs, and a small run of it."""

import argparse
import importlib.util
import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "precision.py"
TINY = ["--source", "digits", "--split", "train", "--images", "100", "--steps", "3", "--width", "2"]


@pytest.fixture(scope="module")
def study():
    specification = importlib.util.spec_from_file_location("benchmark_precision", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_two_means_are_compared_as_by_hand(study):
    # Both variances are 1, so that Welch's degrees of freedom are 4, whose 97.5 % quantile is 2.7764 in the tables.
    found = study.difference([1.0, 2.0, 3.0], [11.0, 12.0, 13.0])
    half = 2.7764 * math.sqrt(1 / 3 + 1 / 3)
    assert found["difference"] == -10.0
    assert found["relative"] == pytest.approx(2 / 12 - 1)
    assert found["interval"] == pytest.approx([-10 - half, -10 + half], abs=1e-3)
    assert found["p_value"] < 0.01
    assert study.difference([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])["p_value"] == pytest.approx(1.0)
    assert "interval" not in study.difference([2.0, 2.0], [1.0, 1.0])


def test_the_summary_keeps_precisions_apart(study):
    values = {"float32": [1.0, 3.0], "mixed_bfloat16": [4.0, 8.0], "mixed_float16": [5.0]}
    trials = [{"precision": p, "fid": v} for p, found in values.items() for v in found]
    found = study.summary(trials)
    assert {p: told["mean"] for p, told in found["fid"].items()} == dict(zip(values, (2.0, 6.0, 5.0), strict=True))
    assert found["fid"]["mixed_bfloat16"]["standard_deviation"] == pytest.approx(math.sqrt(8))
    assert found["fid"]["mixed_float16"]["standard_deviation"] is None
    assert {p: told["difference"] for p, told in found["minus_float32"].items()} == {"mixed_bfloat16": 4.0}


def test_runs_differ_in_precision_and_seed_only(study):
    options = argparse.Namespace(source="digits", resolution=16, width=8)
    reference = study.config_of("float32", 0, options).to_dict()
    other = study.config_of("mixed_float16", 5, options).to_dict()
    assert {name for name in reference if reference[name] != other[name]} == {"precision", "seed"}


@pytest.mark.slow
def test_a_study_goes_on_where_it_was_and_refuses_other_settings(tmp_path):
    file = tmp_path / "precision.json"
    command = [sys.executable, str(SCRIPT), "--json", str(file)]
    subprocess.run([*command, *TINY, "--seeds", "1", "--precisions", "float32"], check=True, timeout=400)
    first = json.loads(file.read_text(encoding="utf-8"))["trials"]
    subprocess.run([*command, *TINY, "--seeds", "1"], check=True, timeout=600)
    found = json.loads(file.read_text(encoding="utf-8"))
    assert [trial["precision"] for trial in found["trials"]] == ["float32", "mixed_bfloat16", "mixed_float16"]
    assert found["trials"][0] == first[0]
    assert found["trials"][2]["skipped_updates"].keys() == {"generator", "discriminator"}
    assert 0.0 < found["measure"]["floor"] < min(trial["fid"] for trial in found["trials"])
    refused = subprocess.run([*command, *TINY, "--steps", "4"], capture_output=True, text=True, timeout=100)
    assert refused.returncode == 2
    assert "name another file" in refused.stderr


@pytest.mark.slow
def test_each_round_times_a_step_of_each_precision(tmp_path):
    file = tmp_path / "precision.json"
    subprocess.run([sys.executable, str(SCRIPT), "--json", str(file), *TINY, "--time", "2"], check=True, timeout=400)
    (found,) = json.loads(file.read_text(encoding="utf-8"))["times"].values()
    for clock in ("wall", "processor"):
        assert found[clock]["float32"]["speed_up"] == 1.0
        taken = [found[clock][precision]["all"] for precision in ("float32", "mixed_bfloat16", "mixed_float16")]
        assert [len(seconds) for seconds in taken] == [2, 2, 2]
        assert min(map(min, taken)) > 0.0
