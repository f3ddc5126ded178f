"""Images per second that the input pipeline alone delivers, without a network behind it.

    python benchmarks/pipeline.py --json benchmarks/results/pipeline.json

Cases: a folder of generated photographs at 64x64x3, in memory and decoded anew each time, and Fashion-MNIST at
32x32x1 where its files are installed. Each case is opened, warmed up and measured in turn, `--rounds` times; the
median and all values are written, because the speed of a shared machine varies.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf
from PIL import Image

import tfgan_tricks
from tfgan_tricks.data.fashion_mnist import DEBIAN_FOLDER

BATCH = 64
SIDE = 128  # of the generated images: twice the resolution of training, as cropped photographs often are


def write_images(folder: Path, count: int, suffix: str) -> None:
    """Writes smooth random colour images, which compress about as well as photographs."""
    random = np.random.default_rng(0)
    for number in range(count):
        coarse = Image.fromarray(random.integers(0, 256, (16, 16, 3), dtype=np.uint8))
        smooth = np.asarray(coarse.resize((SIDE, SIDE), Image.Resampling.BICUBIC), np.int16)
        grain = random.integers(-8, 9, (SIDE, SIDE, 1), dtype=np.int16)
        pixels = np.clip(smooth + grain, 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:05d}{suffix}")


def measure(uri: str, seconds: float, **options) -> dict[str, float]:
    """Opens a source and reads batches for some seconds."""
    begin = time.perf_counter()
    batches = iter(tfgan_tricks.data.load(uri, batch_size=BATCH, seed=0, flip=True, **options))
    next(batches)
    opened = time.perf_counter()
    for _ in range(20):
        next(batches)
    begin_reading, count = time.perf_counter(), 0
    while time.perf_counter() - begin_reading < seconds:
        next(batches)
        count += BATCH
    return {
        "seconds_to_first_batch": opened - begin,
        "images_per_second": count / (time.perf_counter() - begin_reading),
    }


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="file to write the numbers to")
    parser.add_argument("--images", type=int, default=2_000, help="how many images to generate (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=3.0, help="time per measurement (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="measurements per case (default: %(default)s)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        cases: dict[str, dict] = {}
        for suffix in (".png", ".jpg"):
            images = Path(folder, suffix[1:])
            images.mkdir()
            write_images(images, options.images, suffix)
            uri = f"folder:{images}"
            cases[f"folder of {suffix[1:]}, in memory"] = {"uri": uri, "resolution": 64}
            cases[f"folder of {suffix[1:]}, decoded each time"] = {"uri": uri, "resolution": 64, "cache_gigabytes": 0.0}
        if DEBIAN_FOLDER.is_dir():
            cases["fashion_mnist at 32x32"] = {"uri": "fashion_mnist", "resolution": 32}
        measured: dict[str, list[dict[str, float]]] = {name: [] for name in cases}
        for _ in range(options.rounds):  # in turn, so that a slow minute of the machine hits all cases
            for name, case in cases.items():
                measured[name].append(measure(seconds=options.seconds, **case))
    results = {}
    for name, values in measured.items():
        results[name] = {key: statistics.median(value[key] for value in values) for key in values[0]}
        results[name]["all_images_per_second"] = [value["images_per_second"] for value in values]
        speed, opening = results[name]["images_per_second"], results[name]["seconds_to_first_batch"]
        print(f"{name:32s} {speed:12,.0f} images/s   first batch after {opening:.2f} s")
    report = {
        "command": f"python benchmarks/pipeline.py {' '.join(arguments)}".strip(),
        "batch_size": BATCH,
        "generated_images": f"{options.images} of {SIDE}x{SIDE}x3",
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "tensorflow": tf.__version__,
        "results": results,
    }
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
