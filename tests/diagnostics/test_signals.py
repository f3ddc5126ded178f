"""What a doctor writes is what detectors read, also of a run that was killed and went back."""

import json

import pytest

from tfgan_tricks.diagnostics import Snapshot, Window, read_window
from tfgan_tricks.diagnostics.signals import begin, record
from tfgan_tricks.diagnostics.window import remembered

LOOKS = [Snapshot(n, {"generator_loss": n / 10, "sigma/a": 2.0}, {"non_finite": "r1"}) for n in (8, 16, 24)]


def test_a_window_comes_back_as_it_was_recorded(tmp_path):
    begin(tmp_path / "doctor", 0, {"loss": "Hinge", "rates": {"generator": 1e-4}})
    for look in LOOKS:
        record(tmp_path / "doctor", look)
    window = read_window(tmp_path / "doctor")
    assert window == Window(tuple(LOOKS), {"loss": "Hinge", "rates": {"generator": 1e-4}})


def test_a_run_that_goes_back_has_one_history(tmp_path):
    begin(tmp_path, 0, {})
    for look in LOOKS:
        record(tmp_path, look)
    with (tmp_path / "signals.jsonl").open("a") as file:
        file.write('{"images_seen": 32, "val')  # killed here
    assert [look.images for look in begin(tmp_path, 16, {}).snapshots] == [8, 16]
    assert [look.images for look in read_window(tmp_path).snapshots] == [8, 16]


def test_series_are_those_of_the_looks_that_have_the_signal():
    window = Window((Snapshot(1, {"a": 1.0}), Snapshot(2, {"b": 5.0}), Snapshot(3, {"a": 3.0, "a/b": 4.0})))
    images, values = window.series("a")
    assert (images.tolist(), values.tolist()) == ([1.0, 3.0], [1.0, 3.0])
    assert window.values("a", last=1).tolist() == [3.0]
    assert window.values("missing").size == 0
    assert (window.last("a"), window.last("b"), window.images) == (3.0, None, 3)
    assert window.names("a") == ["a", "a/b"]
    assert window.until(1).images == 1
    assert (Window().images, Window().last("a"), Window().names("a"), Window().note("n")) == (0, None, [], "")


def test_memory_keeps_the_beginning_and_the_end_the_same_way_live_and_afterwards():
    looks = tuple(Snapshot(n, {"a": float(n)}) for n in range(700))
    live: tuple[Snapshot, ...] = ()
    for count, look in enumerate(looks, start=1):
        live = remembered((*live, look))
        assert live == Window(looks).until(count).snapshots
    assert [look.images for look in live] == [*range(100), *range(300, 700)]


def test_the_rate_is_the_last_recorded_one_also_if_it_is_zero():
    facts = {"rates": {"generator": 3.0}}
    assert Window((), facts).rate_of("generator") == 3.0
    assert Window((Snapshot(1, {"rate/generator": 0.0}), Snapshot(2, {})), facts).rate_of("generator") == 0.0
    assert Window((), facts).rate_of("discriminator") is None


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("signals.jsonl", '{"images_seen": 8}\n{"images_seen": 9}\n'),
        ("signals.jsonl", '{"images_seen": 8, "values": [1]}\n'),
        ("facts.json", "[1, 2]"),
        ("facts.json", '{"loss": '),
    ],
)
def test_a_file_of_something_else_is_refused_by_name(tmp_path, file, text):
    (tmp_path / file).write_text(text)
    with pytest.raises(ValueError, match=rf"{file}' is not a file of the doctor's"):
        read_window(tmp_path)


def test_every_line_is_valid_json_whatever_was_measured(tmp_path):
    begin(tmp_path, 0, {})
    record(tmp_path, Snapshot(8, {"a": float("nan"), "b": 1.0}))
    (line,) = (tmp_path / "signals.jsonl").read_text().splitlines()
    assert json.loads(line, parse_constant=pytest.fail)["values"] == {"a": None, "b": 1.0}
    assert read_window(tmp_path).snapshots[0].values == {"b": 1.0}
