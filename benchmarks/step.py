"""Times one alternating training step: this library, plain Keras, PyTorch.

    python benchmarks/step.py --steps 20 --json benchmarks/results/step.json

Each contender lives in a process of its own and has all threads while it works; the others wait. They take turns,
one step each, so that whatever else the machine does meets all of them alike. Reported are the medians and the
medians of the ratios within a round, of the time on the wall and of the processor time of all threads. The latter
hardly feels other programs, but counts threads that wait in a loop; with --threads 1 nobody does. PyTorch is skipped
where it is not installed.
"""

import argparse
import importlib
import importlib.util
import json
import multiprocessing
import os
import platform
import statistics
import sys
import time
from pathlib import Path

from step_contenders import Settings

MODULES = {"tfgan_tricks": "ours", "keras": "plain_keras", "torch": "pytorch"}


def contend(module: str, settings: Settings, pipe) -> None:
    """Runs in a contender's process: says what it is, then times one step per request until told to stop."""
    contender = importlib.import_module(f"step_contenders.{module}").prepare(settings)
    for _ in range(3):  # tracing, first touch of memory, choice of kernels
        contender.step()
    pipe.send((contender.parameters, contender.versions))
    while pipe.recv():
        start = time.perf_counter(), time.process_time()
        contender.step()
        pipe.send((time.perf_counter() - start[0], time.process_time() - start[1]))


def alternate(names: list[str], settings: Settings, steps: int) -> tuple[dict[str, list], dict[str, str], int]:
    """Returns (wall, processor) seconds of each step of each contender, all versions, and the number of weights."""
    context = multiprocessing.get_context("spawn")
    pipes, processes, parameters, versions = {}, [], {}, {"python": platform.python_version()}
    try:
        for name in names:  # one after the other, so that nobody's tracing disturbs nobody
            pipes[name], far_end = context.Pipe()
            process = context.Process(target=contend, args=(MODULES[name], settings, far_end), daemon=True)
            process.start()
            far_end.close()  # so that a dead contender is an end of file here, not an endless wait
            processes.append(process)
            parameters[name], found = pipes[name].recv()
            versions |= found
        if len(set(parameters.values())) > 1:
            raise RuntimeError(f"The contenders train networks of different sizes: {parameters}.")
        samples: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
        for _ in range(steps):
            for name in names:
                pipes[name].send(True)
                samples[name].append(pipes[name].recv())
        for pipe in pipes.values():
            pipe.send(False)
    finally:
        for process in processes:
            process.join(timeout=5)
            process.terminate()
    return samples, versions, parameters[names[0]]


def cpu_model() -> str:
    """Returns the processor's name as the system tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def summarize(samples: dict[str, list[tuple[float, float]]]) -> dict[str, dict[str, float]]:
    """Returns medians, and the median of our time over each contender's, round by round."""
    summary: dict[str, dict[str, float]] = {}
    for name, times in samples.items():
        pairs = list(zip(samples["tfgan_tricks"], times, strict=True))
        summary[name] = {}
        for clock, kind in enumerate(("wall", "cpu")):
            summary[name][f"{kind}_median_s"] = statistics.median(sample[clock] for sample in times)
            ratios = [ours[clock] / theirs[clock] for ours, theirs in pairs]
            summary[name][f"{kind}_ours_over_this"] = statistics.median(ratios)
    return summary


def main() -> None:
    """Measures, prints a table and writes the samples."""
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--resolution", type=int, default=32, help="a multiple of 8")
    parser.add_argument("--channels", type=int, default=3)
    parser.add_argument("--steps", type=int, default=20, help="timed steps of each contender")
    parser.add_argument("--precision", choices=("float32", "mixed_bfloat16"), default="float32")
    parser.add_argument("--threads", type=int, default=threads)
    parser.add_argument("--jit-compile", default="auto", choices=("auto", "on", "off"), help="XLA, for the Keras steps")
    parser.add_argument("--json", type=Path, help="file for all samples")
    arguments = parser.parse_args()
    if arguments.steps < 1:
        parser.error("--steps must be at least 1")
    jit_compile = {"auto": "auto", "on": True, "off": False}[arguments.jit_compile]
    given = {n: v for n, v in vars(arguments).items() if n not in ("steps", "json", "jit_compile")}
    settings = Settings(**given, jit_compile=jit_compile)
    names = list(MODULES)
    if importlib.util.find_spec("torch") is None:
        print("PyTorch is not installed, so it is skipped.", file=sys.stderr)
        names.remove("torch")
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    samples, versions, parameters = alternate(names, settings, arguments.steps)
    summary = summarize(samples)
    print("              wall s  ours/this   cpu s  ours/this")
    for name, row in summary.items():
        print(f"{name:14s}" + "{:6.3f} {:10.2f} {:7.3f} {:10.2f}".format(*row.values()))
    if arguments.json:
        machine = {"cpu": cpu_model(), "cores": os.cpu_count(), "load_before": load, "system": platform.platform()}
        settings_read = given | {"jit_compile": jit_compile, "trained_parameters": parameters}
        report = {"settings": settings_read, "machine": machine, "versions": versions, "summary": summary}
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(
            json.dumps(report | {"samples_wall_cpu_s": samples}, indent=1) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
