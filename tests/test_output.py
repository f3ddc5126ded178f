"""Texts for people go out as long as somebody can read them, and end nothing when nobody can."""

import io
import os
import sys

import pytest

from tests.callbacks.tiny import tiny_gan
from tfgan_tricks.callbacks import Progress
from tfgan_tricks.output import say, say_line


def test_a_text_goes_to_the_standard_output_at_once(capsys):
    say_line("one")
    say("two")
    assert capsys.readouterr().out == "one\ntwo"


def test_a_process_may_have_no_output(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    say_line("nobody reads this")
    progress = Progress(every_seconds=0.0)
    progress.set_model(tiny_gan())
    progress.on_train_begin()
    progress.on_train_batch_end(0, {})
    progress.on_train_end({})


@pytest.mark.parametrize("device", ["a pipe without a reader", "/dev/full"])
def test_an_output_that_fails_ends_nothing(device, caplog):
    if device == "/dev/full":
        stream = open(device, "w")  # noqa: SIM115
    else:
        reading, writing = os.pipe()
        os.close(reading)
        stream = open(writing, "w")  # noqa: SIM115
    say("lost\n", stream)
    assert "The output cannot be written any more" in caplog.text
    caplog.clear()
    say("lost, too\n", stream)
    stream.close()  # writes what is left in its buffer
    assert not caplog.text


def test_other_streams_are_written_to(capsys):
    stream = io.StringIO()
    say("here", stream)
    assert stream.getvalue() == "here"
    assert not capsys.readouterr().out
