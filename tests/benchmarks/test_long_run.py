"""The benchmark of a long run: its line and its counts, and one short run of it."""

import importlib.util
import io
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow as tf

from tests.support import tiny

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "long_run.py"
on_linux = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")


@pytest.fixture(scope="module")
def long_run():
    specification = importlib.util.spec_from_file_location("benchmark_long_run", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_slope_and_error_are_those_of_the_closed_form(long_run):
    # By hand: x around its mean is -1.5, -0.5, 0.5, 1.5, with squares of sum 5; y rises by 13 / 5; the line leaves
    # -0.1, 0.3, -0.3, 0.1 of it, with squares of sum 0.2.
    rise, error = long_run.slope([1, 2, 3, 4], [10.0, 13.0, 15.0, 18.0])
    assert rise == pytest.approx(2.6)
    assert error == pytest.approx(math.sqrt(0.2 / 2 / 5))


def test_growth_is_told_per_thousand_steps_and_without_the_warm_up(long_run):
    # 7 MB in 1,000 steps, up and down by 5 within each block, after a start that takes 900 MB.
    rows = [
        {"step": step, "resident": (0.0 if step <= 2_000 else 900.0 + 0.007 * step + (5.0 if step % 200 else -5.0))}
        for step in range(100, 10_001, 100)
    ]
    grown = long_run.growth(rows, "resident", warm_up=2_000)
    assert grown["per_1000_steps"] == pytest.approx(7.0)
    assert grown["standard_error"] == pytest.approx(0.0, abs=1e-6)  # the means of the blocks lie on the line
    assert grown["blocks"] == 8
    assert grown["last"] - grown["first"] == pytest.approx(7 * 7.0)
    assert long_run.growth(rows, "resident", warm_up=8_500) is None


def test_what_was_traced_again_is_told_by_its_step(long_run):
    steps = {100: 1, 200: 1, 300: 2, 400: 2}
    rows = [
        {
            "step": s,
            "traces": n,
            "seconds": 1.0,
            "resident": 1.0,
            "anonymous": 1.0,
            "files": 5,
            "threads": s,
            "objects": 1,
        }
        for s, n in steps.items()
    ]
    report = long_run.report_of(rows, warm_up=100)
    assert report["traced_again_by_step"] == [300]
    assert (report["files"], report["threads"]) == ([5], [200, 300, 400])


def test_sixty_steps_are_traced_once_and_another_batch_size_once_more(long_run):
    pipe, gan = io.StringIO(), tiny.gan_of()
    before = long_run.all_traces()
    telling = long_run.Telling(pipe, every=20, batch_size=8)
    for _ in range(3):
        gan.fit(tiny.dataset(), steps_per_epoch=20, verbose=0, callbacks=[telling])
    rows = [json.loads(line) for line in pipe.getvalue().splitlines()]
    assert [row["step"] for row in rows] == [1, 2, 20, 40, 60]
    assert [row["traces"] for row in rows] == [1] * 5
    assert rows[1]["traces_of_all"] > before
    gan.fit(tiny.dataset(batch_size=4), steps_per_epoch=1, verbose=0)
    assert long_run.traces(gan.train_function) == 2


@on_linux
def test_what_a_process_holds_is_seen_to_grow(long_run, tmp_path):
    before = long_run.held(os.getpid())
    taken = bytearray(os.urandom(1) * 50_000_000)
    with (tmp_path / "file").open("wb"):
        after = long_run.held(os.getpid())
    assert after["anonymous"] - before["anonymous"] == pytest.approx(len(taken) / 1e6, rel=0.1)
    assert after["files"] == before["files"] + 1
    assert after["threads"] >= 1


@pytest.mark.slow
@on_linux
def test_a_short_run_neither_traces_again_nor_opens_more(tmp_path):
    file = tmp_path / "run.json"
    short = ["--steps", "60", "--every", "10", "--warm-up", "20", "--evaluate-every", "0", "--epoch-images", "1280"]
    subprocess.run([sys.executable, str(SCRIPT), *short, "--json", str(file)], check=True, timeout=300)
    found = json.loads(file.read_text(encoding="utf-8"))
    assert found["steps"] == 60
    assert found["traces_of_train_function"] == 1
    assert len(found["files"]) == 1
    assert 200.0 < found["most"]["resident"] < 3_000.0
    assert found["samples"]["step"] == [1, 2, 10, 20, 30, 40, 50, 60]
    assert found["versions"]["tensorflow"] == tf.__version__
