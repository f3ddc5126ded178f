"""`tfgan-tricks` in a process of its own that ends itself by a signal, at a moment that it is told."""

import json
import os
import pathlib
import signal
import sys
import threading
import traceback
import unittest.mock
import zipfile
from pathlib import Path

import keras
import sklearn.datasets  # noqa: F401 - what a run imports late is imported before the process is copied
import tensorflow as tf
import tensorflow_datasets as tfds

from tfgan_tricks import experiment, run_results  # noqa: F401
from tfgan_tricks.callbacks import checkpoints, json_lines, metric_evaluation, metrics_log
from tfgan_tricks.cli import train_command  # noqa: F401
from tfgan_tricks.cli.main import main


def run(arguments: list[str], moment: dict, record: Path, output: Path) -> int:
    """Runs the command in a copy of this process, which must not have used TensorFlow; returns how that one ended.

    Imports take longer than such a training, and a copy need not repeat them.

    Args:
        arguments: of `tfgan-tricks`.
        moment: a dict with "kind" and what belongs to it. "step": a `signal` at the `side` ("begin" or "end") of step
            number `step` of this process. "seconds": after so many, from the start of this process. "write": within
            the `write`-th checkpoint written, at `place`, or so many `milliseconds` after its beginning. "line": when
            half of the `line`-th line of numbers is written. Empty for never.
        record: file that gets a line about the moment when it comes.
        output: file for what the command says.
    """
    sys.stdout.flush()
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 70
    try:
        with open(output, "a", encoding="utf-8") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        tf.config.experimental.enable_op_determinism()
        Killer(moment, record).arm()
        with tfds.testing.mock_data(num_examples=64):
            code = main(arguments)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


class Killer:
    """Ends this process at a moment; see `run`."""

    def __init__(self, moment: dict, record: Path):
        self.moment = moment
        self.record = record
        self.kind = moment.get("kind")
        self.steps = self.writes = self.lines = self.chunks = 0
        self.inside = False

    def end(self, place: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Notes where this process is, and sends it the signal."""
        row = {"place": place, "step": self.steps, "write": self.writes, "inside": self.inside, "signal": number.name}
        with open(self.record, "a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        os.kill(os.getpid(), number)

    def arm(self) -> None:
        """Puts itself between the package and the operating system."""
        if self.kind == "seconds":
            self._end_after(self.moment["seconds"], f"{self.moment['seconds']:.2f} s after the start")
        _around(keras.callbacks.CallbackList, "on_train_batch_begin", before=self._at_step)
        _around(keras.callbacks.CallbackList, "on_train_batch_end", before=lambda *_: self._if_step("end"))
        _around(checkpoints, "write_atomically", before=self._begin_write, after=self._end_write)
        _around(zipfile._ZipWriteFile, "write", before=self._at_chunk)  # type: ignore[attr-defined]
        _around(checkpoints, "check", before=lambda *_: self._in_write("read back"))
        _around(os, "fsync", before=lambda *_: self._in_write("fsync"))
        named = [lambda *_, side=side: self._in_write(f"{side} the name") for side in ("before", "after")]
        _around(os, "replace", *named)
        _around(pathlib.Path, "unlink", self._at_removal("before"), self._at_removal("after"))
        for module in (metrics_log, metric_evaluation):
            _around(module, "append", before=self._half_a_line)

    def _end_after(self, seconds: float, place: str) -> None:
        timer = threading.Timer(seconds, self.end, [place])
        timer.daemon = True
        timer.start()

    def _at_step(self, *_) -> None:
        self.steps += 1
        self._if_step("begin")

    def _if_step(self, side: str) -> None:
        if (self.moment.get("step"), self.moment.get("side")) == (self.steps, side):
            self.end(f"{side} of a step", signal.Signals[self.moment.get("signal", "SIGKILL")])

    def _due(self) -> bool:
        return self.kind == "write" and self.moment["write"] == self.writes

    def _begin_write(self, *_) -> None:
        self.writes += 1
        self.inside, self.chunks = True, 0
        if self._due() and "milliseconds" in self.moment:
            self._end_after(self.moment["milliseconds"] / 1000, f"{self.moment['milliseconds']} ms after its beginning")
        self._in_write("begin")

    def _end_write(self, *_) -> None:
        self._in_write("end")
        self.inside = False

    def _in_write(self, place: str) -> None:
        if self.inside and self._due() and self.moment.get("place") == place:
            self.end(place)

    def _at_chunk(self, *_) -> None:
        self.chunks += 1
        self._in_write(f"chunk {self.chunks}")

    def _at_removal(self, side: str):
        def act(path, **_):
            if checkpoints.NAME.fullmatch(path.name) and self._due() and self.moment.get("place") == f"{side} removal":
                self.end(f"{side} removal")

        return act

    def _half_a_line(self, path, row) -> None:
        self.lines += 1
        if self.kind == "line" and self.moment["line"] == self.lines:
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row)[: self.moment["characters"]])
            self.end(f"half a line of {path.name}")


def _around(owner, name: str, before=None, after=None) -> None:
    """Calls something before a function, and something after it, with the same arguments."""
    real = getattr(owner, name)

    def replaced(*args, **kwargs):
        if before:
            before(*args)
        result = real(*args, **kwargs)
        if after:
            after(*args)
        return result

    unittest.mock.patch.object(owner, name, replaced).start()


assert json_lines.append is metrics_log.append  # by that name it is replaced
