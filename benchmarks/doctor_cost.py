"""By how much a Doctor slows a training down, and what one look costs, detector by detector.

    python benchmarks/doctor_cost.py --json benchmarks/results/doctor_cost.json

One training per case, cut into segments of equally many steps, which go without and with the doctor in turn, so that a
slow minute of the machine hits both alike. Each segment with it is divided by the mean of the two without it around
it. Two figures come of it: "limited", a look as soon as the budget of 2 % allows, which is the worst that a user meets,
and "unlimited", all looks that a run plans, four per epoch, whatever they cost. Then single looks are timed: what
they share first, and then each detector.

The first look, which traces the graphs, is timed by itself: it comes once, before the first step.
"""

import argparse
import importlib.util
import json
import math
import os
import platform
import statistics
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import tensorflow as tf
from absl import logging

from tfgan_tricks.callbacks.periodic import images_seen
from tfgan_tricks.diagnostics import Doctor
from tfgan_tricks.diagnostics import doctor as doctor_module
from tfgan_tricks.diagnostics.look import Look
from tfgan_tricks.experiment import build_gan
from tfgan_tricks.run_data import RunData
from tfgan_tricks.run_diagnosis import LOOKS, REAL_IMAGES

CONFIGS = Path(__file__).parents[1] / "configs"
CASES = {"digits": "digits_quickstart", "fashion_mnist": "fashion_mnist_sngan"}
SHARED = ("inference", "averaged")


class Alternating(keras.callbacks.Callback):
    """Lets a doctor watch every other segment of a training, and takes the time of all.

    Args:
        doctor: who watches; the time that it sleeps does not count as its patient's.
        steps: of a segment.
    """

    def __init__(self, doctor: Doctor, steps: int):
        super().__init__()
        self.doctor, self.steps = doctor, steps
        self.seconds: list[float] = []
        self.looks = 0

    def set_model(self, model):
        super().set_model(model)
        self.doctor.set_model(model)

    def set_params(self, params):
        super().set_params(params)
        self.doctor.set_params(params)

    def on_train_begin(self, logs=None):
        begun = time.perf_counter()
        self.doctor.on_train_begin(logs)
        self.first_look = time.perf_counter() - begun
        self.doctor.on_epoch_begin(0)

    def on_train_batch_begin(self, batch, logs=None):
        if batch % self.steps == 0:
            self.watched = batch // self.steps % 2 == 1
            self.begun = time.perf_counter()
            if self.watched and self.seconds:
                self.doctor.begun += self.seconds[-1]
                self.doctor.last = images_seen(self.model)

    def on_train_batch_end(self, batch, logs=None):
        if self.watched:
            before = len(self.doctor.window.snapshots)
            self.doctor.on_train_batch_end(batch, logs)
            self.looks += len(self.doctor.window.snapshots) - before
        if (batch + 1) % self.steps == 0:
            self.seconds.append(time.perf_counter() - self.begun)


def slowdowns(seconds: list[float]) -> list[float]:
    """Returns of each watched segment, the odd ones, by how much it took longer than those around it: 0.01 is 1 %."""
    return [
        seconds[i] / statistics.fmean((seconds[i - 1], seconds[i + 1])) - 1.0 for i in range(1, len(seconds) - 1, 2)
    ]


def spread(values: list[float]) -> dict:
    """Returns the mean, the median and the quartiles of values, and these; a look may come once in many segments."""
    low, middle, high = statistics.quantiles(values, n=4) if len(values) > 1 else values * 3
    return {"mean": statistics.fmean(values), "median": middle, "quartiles": [low, high], "all": values}


def alternate(gan, dataset, batch_size: int, doctor: Doctor, seconds: float, pairs: int) -> dict:
    """Trains in segments of so many seconds or more; returns their times and what the doctor did."""
    gan.fit(dataset, steps_per_epoch=20, verbose=0)  # traces
    begun = time.perf_counter()
    gan.fit(dataset, steps_per_epoch=20, verbose=0)
    step = (time.perf_counter() - begun) / 20
    period = max(1, doctor.every_images // batch_size)
    steps = period * max(1, math.ceil(seconds / step / period))
    doctor_module.GRACE = 0.0  # which covers the looks of the first minutes
    watch = Alternating(doctor, steps)
    gan.fit(dataset, steps_per_epoch=(2 * pairs + 1) * steps, verbose=0, callbacks=[watch])
    without = watch.seconds[::2]
    return {
        "slowdown": spread(slowdowns(watch.seconds)),
        "steps_per_segment": steps,
        "seconds_per_step": statistics.median(without) / steps,
        "seconds_of_first_look": watch.first_look,
        "looks": watch.looks,
        "seconds_of_last_look": doctor.look_seconds,
    }


def looks(doctor: Doctor, rounds: int) -> dict[str, float]:
    """Returns the median seconds of a look's parts: what all detectors share, each one's measuring, and judging."""
    samples: dict[str, list[float]] = {}

    def timed(name: str, function) -> None:
        begun = time.perf_counter()
        function()
        samples.setdefault(name, []).append(time.perf_counter() - begun)

    for _ in range(rounds):
        look = Look(doctor.subject, {})
        for part in SHARED:
            timed(f"shared: {part}", lambda look=look, part=part: getattr(look, part))
        for detector in doctor.detectors:
            timed(f"measure: {detector.name}", lambda look=look, detector=detector: detector.measure(look))
        for detector in doctor.detectors:
            timed(f"judge: {detector.name}", lambda detector=detector: detector(doctor.window))
    return {name: statistics.median(values) for name, values in samples.items()}


def measure(case: str, options: argparse.Namespace) -> dict:
    """Returns all figures of one case."""
    specification = importlib.util.spec_from_file_location(case, CONFIGS / f"{CASES[case]}.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    config = module.get_config()
    if options.width:
        config.architecture = f"sngan_cnn(width={options.width})"
    keras.utils.set_random_seed(config.seed)
    gan, dataset = build_gan(config), RunData(config).load()
    real = next(iter(dataset.unbatch().batch(REAL_IMAGES)))
    report: dict = {"config": CASES[case], "architecture": config.architecture, "batch_size": config.batch_size}
    for name, (budget, every) in {"limited": (0.02, 1), "unlimited": (None, config.images_per_epoch // LOOKS)}.items():
        doctor = Doctor(real, every_images=every, budget=budget)
        found = alternate(gan, dataset, config.batch_size, doctor, options.seconds, options.pairs)
        report[name] = {"every_images": every} | found
    report["parts_of_a_look_seconds"] = looks(doctor, options.rounds)
    return report


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="file to write the numbers to")
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--width", type=int, help="of sngan_cnn, in place of the config's")
    parser.add_argument("--seconds", type=float, default=15.0, help="of a segment (default: %(default)s)")
    parser.add_argument("--pairs", type=int, default=5, help="segments with the doctor (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=9, help="single looks that are timed (default: %(default)s)")
    options = parser.parse_args(arguments)
    logging.set_verbosity(logging.ERROR)  # what the doctor finds is not the matter here
    report: dict = {
        "command": f"python benchmarks/doctor_cost.py {' '.join(arguments)}".strip(),
        "cores": os.cpu_count(),
        "load_before": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "machine": platform.machine(),
        "versions": {"tensorflow": tf.__version__, "keras": keras.__version__},
        "cases": {},
    }
    for case in options.cases:
        report["cases"][case] = found = measure(case, options)
        for name in ("limited", "unlimited"):
            slower = found[name]["slowdown"]
            text = "mean {mean:+.1%}, median {median:+.1%}, quartiles ".format(**slower)
            text += " to ".join(f"{value:+.1%}" for value in slower["quartiles"]) + f"; {found[name]['looks']} looks"
            print(f"{case:14s} {name:11s} {text} of {found[name]['seconds_of_last_look']:.3f} s", flush=True)
        parts = sorted(found["parts_of_a_look_seconds"].items(), key=lambda part: -part[1])
        print("\n".join(f"  {1_000 * seconds:8.2f} ms  {name}" for name, seconds in parts[:12]))
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
