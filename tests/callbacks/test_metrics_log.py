"""One history per run, in valid JSON, however often it was interrupted."""

import json

import pytest

from tests.callbacks.tiny import tiny_dataset, tiny_gan
from tfgan_tricks.callbacks import MetricsLog
from tfgan_tricks.callbacks.json_lines import read_rows
from tfgan_tricks.files import WriteError


def begin(path, images):
    """Returns the callback at the begin of training of a GAN that has seen so many images, and that GAN."""
    gan = tiny_gan()
    gan.images_seen.assign(images)
    callback = MetricsLog(path)
    callback.set_model(gan)
    callback.on_train_begin()
    return callback, gan


def test_a_line_per_epoch_has_all_logs(tmp_path):
    path = tmp_path / "run" / "metrics.jsonl"
    gan = tiny_gan()
    history = gan.fit(tiny_dataset().take(1), epochs=2, verbose=0, callbacks=[MetricsLog(path)]).history
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert [row["images_seen"] for row in rows] == [8, 16]
    for i, row in enumerate(rows):
        assert {name: row[name] for name in history} == {name: values[i] for name, values in history.items()}
        assert set(row) == {*history, "images_seen", "seconds", "images_per_second"}
    assert 0 < rows[0]["seconds"] < rows[1]["seconds"]


def test_the_speed_is_that_of_the_interval_without_the_first_step(tmp_path, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("time.perf_counter", lambda: now[0])
    callback, gan = begin(tmp_path / "metrics.jsonl", images=0)
    for seconds, images in ((50, 8), (1, 16), (1, 24)):  # the first step takes long
        now[0] += seconds
        gan.images_seen.assign(images)
        callback.on_train_batch_end(0, {})
    callback.on_epoch_end(0, {})
    now[0] += 4
    gan.images_seen.assign(64)
    callback.on_train_batch_end(0, {})
    callback.on_epoch_end(1, {})
    rows = read_rows(tmp_path / "metrics.jsonl")
    assert [row["images_per_second"] for row in rows] == [8.0, 10.0]
    assert [row["seconds"] for row in rows] == [52.0, 56.0]


def test_values_that_are_not_finite_are_null(tmp_path):
    callback, gan = begin(tmp_path / "metrics.jsonl", images=0)
    gan.images_seen.assign(8)
    callback.on_epoch_end(0, {"a": float("nan"), "b": float("inf"), "c": 1.5})
    text = (tmp_path / "metrics.jsonl").read_text()
    (row,) = [json.loads(line, parse_constant=pytest.fail) for line in text.splitlines()]
    assert (row["a"], row["b"], row["c"]) == (None, None, 1.5)


@pytest.mark.parametrize("half", ['{"images_seen": 24, "los', "\n", "{", "\0\0\0", '{"images_seen": 24}'])
def test_a_resumed_run_has_no_half_line_and_no_line_twice(tmp_path, half):
    path = tmp_path / "metrics.jsonl"
    rows = [{"images_seen": n, "seconds": n / 2, "loss": n} for n in (4, 8, 12, 16)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + half)
    callback, gan = begin(path, images=8)
    gan.images_seen.assign(12)
    callback.on_epoch_end(0, {"loss": 12.5})
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(row["images_seen"], row["loss"]) for row in lines] == [(4, 4), (8, 8), (12, 12.5)]
    assert lines[-1]["seconds"] >= 4.0  # those of the part before count


def test_a_last_line_without_its_end_is_kept(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"images_seen": 4}\n{"images_seen": 8}')
    callback, gan = begin(path, images=8)
    gan.images_seen.assign(12)
    callback.on_epoch_end(0, {})
    assert [row["images_seen"] for row in read_rows(path)] == [4, 8, 12]


@pytest.mark.parametrize("line", ["half a lin", "[1, 2]", '{"loss": 1}'])
def test_a_file_of_something_else_is_not_touched(tmp_path, line):
    path = tmp_path / "metrics.jsonl"
    path.write_text(f'{line}\n{{"images_seen": 8}}\n')
    with pytest.raises(ValueError, match=r"is not a file of a run[^$]*line 1"):
        begin(path, images=8)
    assert path.read_text().startswith(line)


def test_a_folder_that_cannot_be_written_stops_before_training(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError, match="Nothing can be written"):
        begin(tmp_path / "file" / "metrics.jsonl", images=0)
    (tmp_path / "metrics.jsonl").mkdir()
    with pytest.raises(OSError, match="metrics"):
        begin(tmp_path / "metrics.jsonl", images=0)
