"""Seconds and memory of the Fréchet distance between two sets of 50,000 x 2,048 features, as Inception's are.

    python benchmarks/fid.py --json benchmarks/results/fid.json

Features are drawn batch after batch and forgotten, as an extractor would give them; the time to draw them is left
out. The goal: at most 20 seconds and 1 GB on 2 cores. Memory is the peak of the whole process, TensorFlow included.
"""

import argparse
import json
import os
import platform
import resource
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np

from tfgan_tricks.metrics import FID, FeatureStatistics, Samples

BATCH = 1_000
MEGABYTE = 1_000_000


def peak() -> float:
    """Returns the largest memory that the process has had, in MB."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used * (1 if sys.platform == "darwin" else 1_024) / MEGABYTE


def accumulate(count: int, width: int, shift: float, seed: int) -> tuple[FeatureStatistics, float]:
    """Returns statistics of correlated features, never negative as after a ReLU, and the seconds they took."""
    random = np.random.default_rng(seed)
    mixing = np.random.default_rng(0).standard_normal((64, width), dtype=np.float32)
    statistics, seconds = FeatureStatistics(width), 0.0
    for _ in range(count // BATCH):
        features = random.standard_normal((BATCH, 64), dtype=np.float32) @ mixing
        features += random.standard_normal((BATCH, width), dtype=np.float32)
        np.maximum(features + np.float32(shift), 0.0, out=features)
        begin = time.perf_counter()
        statistics.update(features)
        seconds += time.perf_counter() - begin
    return statistics, seconds


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="file to write the numbers to")
    parser.add_argument("--images", type=int, default=50_000, help="features of each side (default: %(default)s)")
    parser.add_argument("--width", type=int, default=2_048, help="width of the features (default: %(default)s)")
    options = parser.parse_args(arguments)
    imported = peak()
    begin_processor = time.process_time()
    real, seconds = accumulate(options.images, options.width, 0.0, seed=1)
    fake, more = accumulate(options.images, options.width, 0.1, seed=2)
    begin = time.perf_counter()
    result = FID()(Samples(statistics=real), Samples(statistics=fake))
    report = {
        "command": f"python benchmarks/fid.py {' '.join(arguments)}".strip(),
        "result": str(result),
        "seconds_statistics": seconds + more,
        "seconds_distance": time.perf_counter() - begin,
        "processor_seconds_with_drawing": time.process_time() - begin_processor,
        "peak_megabytes": peak(),
        "peak_megabytes_after_import": imported,
        "cores": os.cpu_count(),
        "load_average": os.getloadavg()[0],
        "machine": platform.machine(),
        "numpy": np.__version__,
    }
    report["seconds"] = report["seconds_statistics"] + report["seconds_distance"]
    print(json.dumps(report, indent=2))
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
