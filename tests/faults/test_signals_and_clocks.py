"""Signals, a time limit, and a reader or terminal that goes away: nothing is lost, and the rest is the same to the bit.

Real processes of the command line, stopped within an epoch, at its end, at the very end, and before the first step.
"""

import json
import re
import shlex
import signal
import sys
import time

import pytest

from tests.faults.runs import (
    LAST,
    TINY,
    assert_same,
    assert_saved,
    begin,
    finished,
    resumed_as_told,
    start,
    train,
)

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_within_an_epoch_saves_and_the_printed_command_goes_on(name, undisturbed, tmp_path):
    code, out, errors = finished(begin(tmp_path / "run", fault=f"send@112:{name}"))
    assert code == 0, errors
    assert "Stopped at 112 images. Saved: " in out
    assert_saved(tmp_path / "run", 80, 112)
    code, out, errors = resumed_as_told(out)
    assert code == 0, errors
    assert "Going on from 112 images" in out
    assert_same(tmp_path / "run", undisturbed)


def test_stopped_again_and_again_a_run_ends_the_same(undisturbed, tmp_path, capsys):
    for images in (80, 96, 112, 304):  # at the end of an epoch, twice within the next, near the very end
        assert train(tmp_path, fault=f"send@{images}:SIGTERM") == 0
        assert re.findall(r"^Stopped at (\d+) images", capsys.readouterr().out, re.MULTILINE) == [str(images)]
    assert train(tmp_path) == 0
    assert_same(tmp_path, undisturbed)


def test_a_signal_at_the_very_last_step_changes_nothing(undisturbed, tmp_path, capsys):
    assert train(tmp_path, fault=f"send@{LAST}:SIGTERM") == 0
    assert "Resume with" not in capsys.readouterr().out
    assert_same(tmp_path, undisturbed)


def test_a_second_signal_ends_the_process_at_once(undisturbed, tmp_path):
    code, out, _ = finished(begin(tmp_path, fault="send_twice@112:SIGTERM"))
    assert code == -signal.SIGTERM
    assert "Resume with" not in out
    assert_saved(tmp_path, 80)
    assert train(tmp_path) == 0
    assert_same(tmp_path, undisturbed)


def test_a_signal_before_the_first_step_stops_after_it(undisturbed, tmp_path, capsys):
    assert train(tmp_path, fault="send@0:SIGTERM") == 0
    assert "Stopped at 16 images" in capsys.readouterr().out
    assert_saved(tmp_path, 16)
    assert train(tmp_path) == 0
    assert_same(tmp_path, undisturbed)


def test_a_signal_while_the_program_is_loaded_leaves_nothing(tmp_path):
    process = begin(tmp_path / "run", fault="send@start:SIGTERM")
    assert finished(process)[0] == -signal.SIGTERM
    assert not (tmp_path / "run").exists()


def test_time_that_is_up_stops_like_a_signal(undisturbed, tmp_path, capsys):
    for images in (16, 32):  # each start does a step
        assert train(tmp_path, "--max_minutes=0.0001") == 0
        assert f"Stopped at {images} images" in capsys.readouterr().out
    assert train(tmp_path, "--max_minutes=60") == 0
    assert "Stopped" not in capsys.readouterr().out
    assert_same(tmp_path, undisturbed)


@pytest.mark.parametrize("days", [-400, 400])
def test_a_clock_that_jumps_by_days_moves_nothing(days, undisturbed, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(time, "time", time.time)  # what the fault sets is undone
    monkeypatch.setattr(time, "time_ns", time.time_ns)
    assert train(tmp_path, "--max_minutes=60", fault=f"jump@112:{days}") == 0
    assert "Resume with" not in capsys.readouterr().out
    assert train(tmp_path, "--max_minutes=60") == 0  # finds the newest checkpoint by images, whatever its date
    assert_same(tmp_path, undisturbed)
    lines = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    seconds = [line["seconds"] for line in lines]
    assert sorted(seconds) == seconds
    assert 0.0 < seconds[0] < seconds[-1] < 600.0
    assert all(line["images_per_second"] > 0.0 for line in lines)


def test_a_reader_that_ends_is_not_missed(undisturbed, tmp_path):
    process = begin(tmp_path / "run")
    assert process.stdout is not None
    process.stdout.close()  # as `| head -0` does
    assert process.stderr is not None
    errors = process.stderr.read()
    assert process.wait(500) == 0, errors
    assert "Traceback" not in errors
    assert_same(tmp_path / "run", undisturbed)


def test_neither_a_terminal_nor_any_output_is_needed(undisturbed, tmp_path):
    arguments = [sys.executable, "-m", "tests.faults.faults", "--", "train", *TINY, "--workdir", str(tmp_path / "run")]
    closed = f"exec {shlex.join(arguments)} <&- >&- 2>&-"
    assert finished(start(["setsid", "--wait", "sh", "-c", closed]))[0] == 0
    assert_same(tmp_path / "run", undisturbed)
