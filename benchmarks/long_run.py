"""Whether a run stays as it is for 20,000 steps: its memory, its open files, its threads, its traced graphs.

    python benchmarks/long_run.py --json benchmarks/results/long_run.json

A child process trains `configs/digits_quickstart.py` through `tfgan_tricks.experiment.train`, as the command line does,
with everything that a run does on the way: progress, numbers, TensorBoard, grids, checkpoints, the doctor; and an
evaluation every 5,000 steps, which the recipe leaves out. Every 100 steps the child says where it is, and its parent
reads from /proc what the child holds, so that nothing of the measuring lives in what is measured but one callback. It
runs on Linux only.

Growth is the slope of the straight line of least squares through the means of each 1,000 steps after the warm-up. The
means, because neighbouring samples are not independent, and the standard error supposes that they are. Memory that a
single object takes and gives back does not show in a slope; what stays does.
"""

import argparse
import gc
import itertools
import json
import math
import os
import platform
import runpy
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
from absl import logging

from tfgan_tricks.callbacks.periodic import images_seen
from tfgan_tricks.experiment import train
from tfgan_tricks.training.adversarial_model import AdversarialModel

CONFIG = Path(__file__).parents[1] / "configs" / "digits_quickstart.py"
BLOCK = 1_000  # steps whose samples are one point of the line
FUNCTION = type(tf.function(lambda: None))
MEMORY = {"resident": "VmRSS", "anonymous": "RssAnon"}  # of /proc/PID/status; files that are read in are the rest


def traces(function) -> int:
    """Returns how often Keras' train function was traced; it is a closure around a graph of one step or several."""
    parts = [getattr(cell.cell_contents, "__wrapped__", cell.cell_contents) for cell in function.__closure__]
    return max(part.experimental_get_tracing_count() for part in parts if isinstance(part, FUNCTION))


def all_traces() -> int:
    """Returns how often all functions of TensorFlow that are alive in this process were traced: callbacks have some."""
    return sum(found.experimental_get_tracing_count() for found in gc.get_objects() if type(found) is FUNCTION)


class Telling(keras.callbacks.Callback):
    """Writes into a pipe, every so many steps, where training is and how many graphs there are.

    Args:
        pipe: file to write lines of JSON to.
        every: steps between two lines.
        batch_size: of the run.
    """

    def __init__(self, pipe, every: int, batch_size: int):
        super().__init__()
        self.pipe, self.every, self.batch_size = pipe, every, batch_size

    def on_train_batch_end(self, batch, logs=None):
        step = images_seen(self.model) // self.batch_size
        if step % self.every == 0 or step < 3:
            told = {"step": step, "traces": traces(self.model.train_function), "objects": sys.getallocatedblocks()}
            if step % BLOCK == 0 or step < 3:  # a second's work
                told["traces_of_all"] = all_traces()
            self.pipe.write(json.dumps(told) + "\n")
            self.pipe.flush()


def child(options: argparse.Namespace) -> None:
    """Trains, and tells the parent where it is."""
    config = runpy.run_path(str(CONFIG))["get_config"]()
    config.images_per_epoch = options.epoch_images or config.images_per_epoch
    per_epoch = config.images_per_epoch // config.batch_size
    config.images = math.ceil(options.steps / per_epoch) * per_epoch * config.batch_size
    if options.evaluate_every:
        config.evaluation.metrics = ("FID()",)
        config.evaluation.every_images = options.evaluate_every * config.batch_size
    telling = Telling(os.fdopen(options.pipe, "w"), options.every, config.batch_size)
    fit = AdversarialModel.fit

    def watched(self, *args, callbacks, **kwargs):
        return fit(self, *args, callbacks=[*callbacks, telling], **kwargs)

    AdversarialModel.fit = watched
    logging.set_verbosity(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        train(config, folder)


def held(process: int) -> dict[str, float]:
    """Returns what a process holds, after Linux: memory in MB (10^6 bytes), open files, threads."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    status = dict(line.split(":", 1) for line in lines)
    memory = {name: int(status[key].split()[0]) * 1024 / 1e6 for name, key in MEMORY.items()}
    return memory | {"files": len(os.listdir(f"/proc/{process}/fd")), "threads": int(status["Threads"])}


def samples(arguments: Sequence[str]) -> Iterator[dict]:
    """Runs the child and yields what it says and holds, each time that it says something."""
    receive, send = os.pipe()
    command = [sys.executable, __file__, *arguments, "--pipe", str(send)]
    begun = time.perf_counter()
    with subprocess.Popen(command, pass_fds=[send], stdout=subprocess.DEVNULL) as process:
        os.close(send)
        with os.fdopen(receive) as pipe:
            for line in pipe:
                yield json.loads(line) | held(process.pid) | {"seconds": round(time.perf_counter() - begun, 1)}
    if process.returncode:
        raise SystemExit(f"The training ended with {process.returncode}.")


def slope(x: Sequence[float], y: Sequence[float]) -> tuple[float, float]:
    """Returns the slope of the straight line of least squares and its standard error, of at least 3 points."""
    x, y = np.asarray(x, "float64"), np.asarray(y, "float64")
    centred = x - x.mean()
    rise = float(centred @ y / (centred @ centred))
    rest = y - y.mean() - rise * centred
    return rise, math.sqrt(float(rest @ rest) / (len(x) - 2) / float(centred @ centred))


def growth(rows: list[dict], name: str, warm_up: int, block: int = BLOCK) -> dict | None:
    """Returns by how much something grew per 1,000 steps after the warm-up; `None` for less than three blocks."""
    blocks: dict[int, list[tuple[float, float]]] = {}
    for row in rows:
        if row["step"] > warm_up:
            blocks.setdefault((row["step"] - 1) // block, []).append((row["step"] / 1_000, row[name]))
    if len(blocks) < 3:
        return None
    steps, means = np.array([np.mean(block, axis=0) for block in blocks.values()]).T
    rise, error = slope(steps, means)
    ends = {"first": float(means[0]), "last": float(means[-1])}
    return {"per_1000_steps": rise, "standard_error": error, **ends, "blocks": len(blocks)}


def report_of(rows: list[dict], warm_up: int) -> dict:
    """Returns the figures of a run's samples."""
    late = [row for row in rows if row["step"] > warm_up]
    again = [row["step"] for before, row in itertools.pairwise(rows) if row["traces"] > before["traces"]]
    return {
        "steps": rows[-1]["step"],
        "seconds": rows[-1]["seconds"],
        "warm_up": warm_up,
        "growth": {name: growth(rows, name, warm_up) for name in (*MEMORY, "objects")},
        "growth_of_second_half": {name: growth(rows, name, rows[-1]["step"] // 2) for name in MEMORY},
        "most": {name: max(row[name] for row in late) for name in MEMORY},
        "files": sorted({row["files"] for row in late}),
        "threads": sorted({row["threads"] for row in late}),
        "traces_of_train_function": rows[-1]["traces"],
        "traced_again_by_step": again,
        "traces_of_all_functions": {row["step"]: row["traces_of_all"] for row in rows if "traces_of_all" in row},
    }


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="file to write the numbers to")
    parser.add_argument("--steps", type=int, default=20_000, help="at least; whole epochs (default: %(default)s)")
    parser.add_argument("--every", type=int, default=100, help="steps between two samples (default: %(default)s)")
    parser.add_argument("--warm-up", type=int, default=3_000, help="steps left out of slopes (default: %(default)s)")
    parser.add_argument("--evaluate-every", type=int, default=5_000, help="steps; 0 for never (default: %(default)s)")
    parser.add_argument("--epoch-images", type=int, help="of an epoch, in place of the recipe's")
    parser.add_argument("--pipe", type=int, help=argparse.SUPPRESS)  # the child's
    options = parser.parse_args(arguments)
    if options.pipe is not None:
        child(options)
        return
    rows = []
    for row in samples(arguments):
        rows.append(row)
        if row["step"] % BLOCK == 0 or row["step"] < 3:
            print(" ".join(f"{name} {value:,}" for name, value in row.items()), flush=True)
    report = {
        "command": f"python benchmarks/long_run.py {' '.join(arguments)}".strip(),
        "cores": os.cpu_count(),
        "machine": platform.platform(),
        "versions": {"python": platform.python_version(), "tensorflow": tf.__version__, "keras": keras.__version__},
        "config": CONFIG.stem,
    } | report_of(rows, options.warm_up)
    print(json.dumps(report, indent=1))
    if options.json:
        columns = {name: [row.get(name) for row in rows] for name in ("step", "seconds", *MEMORY, "files", "threads")}
        text = json.dumps(report | {"samples": columns}) + "\n"
        options.json.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
