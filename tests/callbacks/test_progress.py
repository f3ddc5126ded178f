"""The line on the screen."""

import io

import pytest

from tests.callbacks.tiny import tiny_dataset, tiny_gan
from tfgan_tricks.callbacks import Progress

LOGS = {"discriminator_loss": 1.25, "generator_loss": -0.5, "real_probability": 0.75, "fake_probability": 0.25}
VALUES = "loss D 1.250  G -0.500  D(x) 0.750  D(G(z)) 0.250"


class Terminal(io.StringIO):
    def isatty(self):
        return True


def steps(out, monkeypatch, total=None, seconds=(30, 1, 1, 1)):
    """Shows one step of 1,000 images after another, which take so many seconds, and returns what was written."""
    now = [100.0]
    monkeypatch.setattr("time.perf_counter", lambda: now[0])
    gan = tiny_gan()
    callback = Progress(total, every_seconds=1.5, stream=out)
    callback.set_model(gan)
    callback.on_train_begin()
    for i, duration in enumerate(seconds, start=1):
        now[0] += duration
        gan.images_seen.assign(1_000 * i)
        callback.on_train_batch_end(i - 1, LOGS)
    callback.on_train_end(LOGS)
    return out.getvalue()


def test_in_a_file_each_update_is_a_line(monkeypatch):
    lines = steps(io.StringIO(), monkeypatch, total=8_000).splitlines()
    assert lines == [
        f"1,000 of 8,000 images (12%) | {VALUES}",
        f"3,000 of 8,000 images (38%) | 1,000.0 images/s | 5s left | {VALUES}",
        f"4,000 of 8,000 images (50%) | 1,000.0 images/s | 4s left | {VALUES}",
    ]


def test_on_a_terminal_the_line_is_drawn_again(monkeypatch):
    text = steps(Terminal(), monkeypatch, total=4_000)
    assert text.endswith("\n")
    assert text.count("\n") == 1
    drawn = text.rstrip("\n").split("\r")
    assert drawn[0] == ""
    assert drawn[1].startswith("[=====               ] 1,000 of 4,000 images (25%)")
    assert drawn[-1].startswith("[====================] 4,000 of 4,000 images (100%) | 1,000.0 images/s | loss D")
    assert len(drawn[-1]) >= len(drawn[-2].rstrip())  # nothing of a longer line remains


def test_without_a_total_there_is_no_bar(monkeypatch):
    assert steps(Terminal(), monkeypatch).split("\r")[-1].startswith("4,000 images | 1,000.0 images/s | loss D")


def test_long_times_are_readable(monkeypatch):
    text = steps(io.StringIO(), monkeypatch, total=10_000_000)
    assert "2h46m left" in text


def test_in_training_by_default_on_the_standard_output(capsys):
    tiny_gan().fit(tiny_dataset(), verbose=0, callbacks=[Progress(total_images=32, every_seconds=0.0)])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" | ")[0] for line in lines] == [
        *("8 of 32 images (25%)", "16 of 32 images (50%)", "24 of 32 images (75%)", "32 of 32 images (100%)")
    ]
    assert all("images/s" in line for line in lines[1:])


@pytest.mark.parametrize("arguments", [{"total_images": 0}, {"every_seconds": -1.0}])
def test_wrong_arguments_are_refused(arguments):
    with pytest.raises(ValueError, match=next(iter(arguments))):
        Progress(**arguments)
