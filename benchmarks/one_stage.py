"""Times the one-stage step against the alternating one, and weighs their memory, on the same networks.

    python benchmarks/one_stage.py --steps 20 --json benchmarks/results/one_stage.json

Each of the two lives in a process of its own and has all threads while it works; the other one waits. They take turns,
one step each, so that whatever else the machine does meets both alike. Reported are the medians, and the median over
the rounds of alternating over one-stage, of the time on the wall and of the processor time of all threads.

Memory is the largest that the process ever held resident (`ru_maxrss`), and by how much it grew after networks and
optimizers were there: what tracing and the steps themselves take.

`dcgan` has batch norm in its critic, which mixes the images of a batch: its one-stage step makes two backward passes
through the critic on generated images. `dcgan_plain` is the same without that batch norm.
"""

import argparse
import json
import multiprocessing
import os
import platform
import statistics
import sys
import time
from pathlib import Path

from step import cpu_model
from step_contenders import BETA_1, BETA_2, LEARNING_RATE, Settings, compiled_step, set_threads

ARCHITECTURES = {
    "sngan_cnn": ("sngan_cnn", {}),
    "dcgan": ("dcgan", {}),
    "dcgan_plain": ("dcgan", {"discriminator_batch_norm": False}),
}
KINDS = {"alternating": "GAN", "one_stage": "OneStageGAN"}


def peak_mib() -> float | None:
    """Returns the largest memory that this process ever held resident, in MiB; `None` where nobody counts it."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def prepare(kind: str, architecture: str, settings: Settings) -> tuple:
    """Returns a function that makes one step, and what is to be known of it."""
    set_threads(settings.threads)
    import keras
    import tensorflow as tf

    import tfgan_tricks as tt

    keras.config.set_dtype_policy(settings.precision)
    name, extra = ARCHITECTURES[architecture]
    sizes = {"resolution": settings.resolution, "channels": settings.channels, "width": settings.width}
    networks = getattr(tt.architectures, name)(**sizes, **extra)
    prior = tt.latents.Normal(networks[0].input_shape[-1])
    gan = getattr(tt.training, KINDS[kind])(tt.tasks.Unconditional(*networks, prior))
    optimizers = [keras.optimizers.Adam(LEARNING_RATE, BETA_1, BETA_2) for _ in range(2)]
    gan.compile(*optimizers, loss=tt.losses.adversarial.Hinge(), jit_compile=settings.jit_compile)
    known = {
        "parameters": sum(int(tf.size(weight)) for weight in gan.trainable_variables),
        "backward_passes": getattr(gan, "backward_passes", None),
        "versions": {"tfgan_tricks": tt.__version__, "keras": keras.__version__, "tensorflow": tf.__version__},
        "built_mib": peak_mib(),
    }
    return compiled_step(gan, settings), known


def contend(kind: str, architecture: str, settings: Settings, pipe) -> None:
    """Runs in a process: says what there is, times one step per request until told to stop, says how large it was."""
    step, known = prepare(kind, architecture, settings)
    for _ in range(3):  # tracing, first touch of memory, choice of kernels
        step()
    pipe.send(known)
    while pipe.recv():
        start = time.perf_counter(), time.process_time()
        step()
        pipe.send((time.perf_counter() - start[0], time.process_time() - start[1]))
    pipe.send(peak_mib())


def take_turns(architecture: str, settings: Settings, steps: int) -> dict:
    """Returns what is known of each kind, its (wall, processor) seconds of each step, and its peak memory."""
    context = multiprocessing.get_context("spawn")
    pipes, processes, found = {}, [], {}
    try:
        for kind in KINDS:  # one after the other, so that nobody's tracing disturbs nobody
            pipes[kind], far_end = context.Pipe()
            process = context.Process(target=contend, args=(kind, architecture, settings, far_end), daemon=True)
            process.start()
            far_end.close()  # so that a dead process is an end of file here, not an endless wait
            processes.append(process)
            found[kind] = pipes[kind].recv() | {"samples_wall_cpu_s": []}
        for _ in range(steps):
            for kind, pipe in pipes.items():
                pipe.send(True)
                found[kind]["samples_wall_cpu_s"].append(pipe.recv())
        for kind, pipe in pipes.items():
            pipe.send(False)
            found[kind]["peak_mib"] = pipe.recv()
    finally:
        for process in processes:
            process.join(timeout=5)
            process.terminate()
    return found


def summarize(found: dict) -> dict[str, float | None]:
    """Returns medians, the median ratio of the two kinds round by round, and what memory the steps took."""
    summary: dict[str, float | None] = {}
    rounds = list(zip(*(found[kind]["samples_wall_cpu_s"] for kind in ("alternating", "one_stage")), strict=True))
    for clock, name in enumerate(("wall", "cpu")):
        for place, kind in enumerate(("alternating", "one_stage")):
            summary[f"{kind}_{name}_s"] = statistics.median(pair[place][clock] for pair in rounds)
        summary[f"{name}_speedup"] = statistics.median(pair[0][clock] / pair[1][clock] for pair in rounds)
    for kind in ("alternating", "one_stage"):
        peak, built = found[kind]["peak_mib"], found[kind]["built_mib"]
        summary[f"{kind}_peak_mib"] = peak
        summary[f"{kind}_step_mib"] = None if peak is None else peak - built
    return summary


def main() -> None:
    """Measures, prints a table and writes the samples."""
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--architectures", nargs="+", choices=ARCHITECTURES, default=list(ARCHITECTURES))
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--resolution", type=int, default=32, help="a multiple of 8")
    parser.add_argument("--channels", type=int, default=3)
    parser.add_argument("--steps", type=int, default=20, help="timed steps of each kind")
    parser.add_argument("--precision", choices=("float32", "mixed_bfloat16"), default="float32")
    parser.add_argument("--threads", type=int, default=threads)
    parser.add_argument("--jit-compile", default="auto", choices=("auto", "on", "off"), help="XLA")
    parser.add_argument("--json", type=Path, help="file for all samples")
    arguments = parser.parse_args()
    if arguments.steps < 1:
        parser.error("--steps must be at least 1")
    read = {"batch", "width", "resolution", "channels", "precision", "threads"}
    given = {name: value for name, value in vars(arguments).items() if name in read}
    settings = Settings(**given, jit_compile={"auto": "auto", "on": True, "off": False}[arguments.jit_compile])
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    results = {name: take_turns(name, settings, arguments.steps) for name in arguments.architectures}
    summary = {name: summarize(found) for name, found in results.items()}
    print(
        "             passes  wall s: alternating  one-stage  speedup   cpu speedup   step MiB: alternating  one-stage"
    )
    for name, row in summary.items():
        times = "{alternating_wall_s:20.3f} {one_stage_wall_s:10.3f} {wall_speedup:8.2f} {cpu_speedup:13.2f}".format(
            **row
        )
        sizes = [row[f"{kind}_step_mib"] for kind in KINDS]
        memory = "".join(
            f"{'?' if size is None else round(size):>{width}}" for size, width in zip(sizes, (24, 11), strict=True)
        )
        print(f"{name:13s}{results[name]['one_stage']['backward_passes']:6d}{times}{memory}")
    if arguments.json:
        machine = {"cpu": cpu_model(), "cores": os.cpu_count(), "load_before": load, "system": platform.platform()}
        report = {"settings": given | {"jit_compile": settings.jit_compile}, "machine": machine, "summary": summary}
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(report | {"results": results}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
