"""What half precision does to a GAN: the Fréchet distance that it reaches, and the time of a step.

    python benchmarks/precision.py --json benchmarks/results/precision.json             # hours, mostly float16
    python benchmarks/precision.py --json benchmarks/results/precision.json --time 12   # only the time of a step

`sngan_cnn` is trained on Fashion-MNIST in each precision with each seed; nothing else differs, so that runs of one seed
begin with the same weights and see the same images. Measured is the distance between 5,000 images of the averaged
generator and 5,000 test images, in the features of a classifier that was trained on the training images (its weights'
hash is in the file: the numbers compare with one another, and with no others).

Two precisions are compared by Welch's interval for the difference of their means, which supposes that distances of one
precision are normally distributed over seeds. An interval that holds 0 does not show that they are equal: its ends say
how large a difference the runs could not see.

Each run is kept as soon as it is done: the same command goes on where a killed one was, and more seeds may be asked for
later. The time of a step is measured in one process, in which the precisions take turns, a step each.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import scipy.stats
import tensorflow as tf

import tfgan_tricks as tt
from tfgan_tricks.callbacks.generated_samples import GeneratedSamples
from tfgan_tricks.configuration.fields import PRECISIONS, default_config
from tfgan_tricks.construction import build_gan
from tfgan_tricks.files import write_atomically
from tfgan_tricks.types import PLAYERS

SOURCE = "fashion_mnist"
SETTINGS = ("steps", "width", "resolution", "images", "source")  # that all runs of a file share
CONFIDENCE = 0.95


def config_of(precision: str, seed: int, options: argparse.Namespace):
    """Returns the config of a run: all but these two is the same in all of them."""
    config = default_config()
    config.seed, config.precision = seed, precision
    config.data.source, config.data.resolution = options.source, options.resolution
    config.architecture = f"sngan_cnn(width={options.width})"
    config.prior = "Normal(64)"
    config.loss = "Hinge()"
    config.averaging = "ExponentialAveraging(half_life_images=5_000, ramp_up=0.05)"
    config.generator_optimizer = "Adam(2e-4, beta_1=0.0, beta_2=0.9)"
    config.discriminator_optimizer = "Adam(4e-4, beta_1=0.0, beta_2=0.9)"
    return config


def built(precision: str, seed: int, options: argparse.Namespace):
    """Returns the GAN and the data of a run."""
    config = config_of(precision, seed, options)
    keras.utils.set_random_seed(seed)
    how = {"resolution": options.resolution, "channels": config.data.channels, "batch_size": config.batch_size}
    return build_gan(config), tt.data.load(options.source, **how, seed=seed)


def trial(precision: str, seed: int, options: argparse.Namespace, real: tt.metrics.Samples) -> dict:
    """Trains once and returns what came of it."""
    gan, dataset = built(precision, seed, options)
    begun = time.perf_counter()
    stop = tt.callbacks.StopOnNonFinite()
    gan.fit(dataset, steps_per_epoch=options.steps, verbose=0, callbacks=[stop])
    seconds = time.perf_counter() - begun
    fake = GeneratedSamples(gan, real.count, seed=seed).samples(real.extractor)
    found = {"precision": precision, "seed": seed, "fid": tt.metrics.FID()(real, fake).value, "seconds": seconds}
    if precision == "mixed_float16":
        optimizers = {player: getattr(gan, f"{player}_optimizer") for player in PLAYERS}
        found["skipped_updates"] = {p: options.steps - int(o.iterations.numpy()) for p, o in optimizers.items()}
        found["loss_scale"] = {p: float(o.dynamic_scale.numpy()) for p, o in optimizers.items()}
    keras.backend.clear_session()
    return found


def real_samples(options: argparse.Namespace) -> tuple[tt.metrics.Samples, dict]:
    """Returns test images to compare with, and what is known of the measure: its classifier, and the distance between
    two sets of real images, below which no generator comes."""
    extractor = tt.metrics.Classifier(options.source, resolution=options.resolution)
    images, _ = tt.data.arrays(options.source, options.resolution, limit=2 * options.images, split=options.split)
    both = tt.metrics.Samples(images, extractor=extractor, split=options.split)
    real = both.take(np.arange(min(options.images, both.count)))
    floor = tt.metrics.real_floor(tt.metrics.FID(), both)
    return real, {"classifier": extractor.settings, "floor": floor.value, "floor_name": floor.name}


def summary(trials: list[dict]) -> dict:
    """Returns mean and spread of each precision, and how each other one differs from float32."""
    values = {p: [t["fid"] for t in trials if t["precision"] == p] for p in PRECISIONS}
    values = {precision: found for precision, found in values.items() if found}
    told: dict = {"fid": {p: {"mean": statistics.fmean(v), "all": v} for p, v in values.items()}}
    for precision, found in values.items():
        told["fid"][precision]["standard_deviation"] = statistics.stdev(found) if len(found) > 1 else None
    others = [p for p in values if p != "float32" and min(len(values[p]), len(values.get("float32", []))) > 1]
    told["minus_float32"] = {p: difference(values[p], values["float32"]) for p in others}
    return told


def difference(values: list[float], others: list[float]) -> dict:
    """Returns how two means differ, Welch's interval for it, and the p-value of no difference."""
    mean, reference = statistics.fmean(values), statistics.fmean(others)
    found = {"difference": mean - reference, "relative": mean / reference - 1.0, "confidence": CONFIDENCE}
    if not statistics.pvariance(values) + statistics.pvariance(others):
        return found  # nothing is known of the spread
    test = scipy.stats.ttest_ind(values, others, equal_var=False)
    interval = [float(end) for end in test.confidence_interval(CONFIDENCE)]
    return found | {"interval": interval, "p_value": float(test.pvalue)}


def times(options: argparse.Namespace) -> dict:
    """Returns seconds of a step in each precision, on the wall and of all processors, and their ratios to float32."""
    runs = {}
    for precision in options.precisions:
        gan, dataset = built(precision, 0, options)
        batches = iter(dataset)
        gan.fit(dataset, steps_per_epoch=3, verbose=0)  # traces
        runs[precision] = gan, [next(batches)]
    clocks = {"wall": time.perf_counter, "processor": time.process_time}
    taken: dict = {clock: {precision: [] for precision in runs} for clock in clocks}
    for _ in range(options.time):
        for precision, (gan, (batch,)) in runs.items():
            begun = {clock: read() for clock, read in clocks.items()}
            gan.train_on_batch(batch)
            for clock, read in clocks.items():
                taken[clock][precision].append(read() - begun[clock])
    found: dict = {"rounds": options.time, "width": options.width, "resolution": options.resolution}
    for clock, seconds in taken.items():
        found[clock] = {precision: {"median": statistics.median(v), "all": v} for precision, v in seconds.items()}
        for precision, values in seconds.items():
            ratios = [own / other for own, other in zip(seconds["float32"], values, strict=True)]
            found[clock][precision]["speed_up"] = statistics.median(ratios)
    return found


def machine() -> dict:
    """Returns where it runs: whether the processor multiplies matrices of bfloat16 decides on the time."""
    flags = set(Path("/proc/cpuinfo").read_text(encoding="utf-8").split()) if Path("/proc/cpuinfo").exists() else set()
    special = [flag for flag in ("avx512_bf16", "amx_bf16", "avx512_fp16", "amx_fp16") if flag in flags]
    devices = [device.device_type for device in tf.config.list_physical_devices()]
    return {"system": platform.platform(), "cores": os.cpu_count(), "half_precision": special, "devices": devices}


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, required=True, help="file of results, which a run goes on with")
    parser.add_argument("--seeds", type=int, default=3, help="runs of each precision (default: %(default)s)")
    parser.add_argument("--precisions", nargs="+", choices=PRECISIONS, default=list(PRECISIONS))
    parser.add_argument("--steps", type=int, default=2_500, help="of a run (default: %(default)s)")
    parser.add_argument("--width", type=int, default=8, help="of sngan_cnn (default: %(default)s)")
    parser.add_argument("--resolution", type=int, default=16, help="of the images (default: %(default)s)")
    parser.add_argument("--images", type=int, default=5_000, help="of either side (default: %(default)s)")
    parser.add_argument("--source", default=SOURCE, help="labelled data (default: %(default)s)")
    parser.add_argument("--split", default="test", help="that is compared with (default: %(default)s)")
    parser.add_argument("--time", type=int, metavar="ROUNDS", help="only time so many steps of each precision")
    options = parser.parse_args(arguments)
    report = json.loads(options.json.read_text(encoding="utf-8")) if options.json.exists() else {}

    def save(**found) -> None:
        report.update(found)
        about = {"machine": machine(), "versions": {"tensorflow": tf.__version__, "keras": keras.__version__}}
        text = json.dumps(report | about, indent=1) + "\n"
        write_atomically(options.json, lambda file: file.write_text(text, encoding="utf-8"))

    command = " ".join(["python benchmarks/precision.py", *arguments])
    if options.time:
        found = times(options) | {"command": command}
        save(times={**report.get("times", {}), f"width={options.width},resolution={options.resolution}": found})
        for clock in ("wall", "processor"):
            print(clock, {p: (round(t["median"], 4), round(t["speed_up"], 2)) for p, t in found[clock].items()})
        return
    settings = {name: getattr(options, name) for name in SETTINGS}
    if report.setdefault("settings", settings) != settings:
        parser.error(f"{options.json} holds runs of {report['settings']}, not {settings}; name another file")
    real, measure = real_samples(options)
    trials = report.setdefault("trials", [])
    for seed in range(options.seeds):
        for precision in options.precisions:
            if not any(t["seed"] == seed and t["precision"] == precision for t in trials):
                trials.append(trial(precision, seed, options, real))
                save(trials=trials, measure=measure, command=command, summary=summary(trials))
                print(trials[-1], flush=True)
    print(json.dumps(report["summary"], indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
