"""Runs of all kinds, killed at random moments and started again with the same command: do they end undisturbed?

python -m tests.faults.kills [--seed N] [--json FILE] [SCENARIO ...]
"""

import argparse
import io
import json
import random
import re
import signal
import tempfile
import time
import zipfile
from pathlib import Path

import h5py
import numpy as np
import sklearn.datasets
from PIL import Image

from tests.faults.killed_run import run

ROOT = Path(__file__).parents[2]
BATCH, STEPS, EPOCHS = 8, 5, 4
IMAGES = BATCH * STEPS * EPOCHS
TIMES = ("seconds", "images_per_second")

NETWORKS = {
    "plain": {"architecture": "mlp(widths=(8,))"},
    "spectral": {"architecture": "sngan_cnn(width=4)"},
    "growing": {
        "architecture": "progan(width=4)",
        "prior": "Hypersphere(4)",
        "curriculum": "ProgressiveTraining(images_fading=40, images_stable=40, batch_sizes=8)",
    },
}
SINGLE, ONE = {"update_rule": "SingleLossGAN()"}, {"update_rule": "OneStageGAN()"}
MEASURED = {"evaluation.metrics": "('KID(subset_size=16)',)", "evaluation.features": "identity"}
ADAPTIVE = "AdaptiveAugment(target=0.0, policy='blit', adjustment_images=100, interval=1)"

# Name: source, settings, which numbers its checkpoint must hold, how many kills.
SCENARIOS: dict[str, tuple[str, dict, tuple[str, ...], int]] = {
    "digits-alternating": ("digits", NETWORKS["spectral"] | MEASURED, ("spectral_norm_conv2d/vars/2",), 3),
    "digits-began": ("digits", NETWORKS["plain"] | {"loss": "BEGAN(lambda_k=0.1)"}, ("loss_variable_0",), 2),
    "digits-unrolled": (
        "digits",
        NETWORKS["spectral"] | {"update_rule": "UnrolledGAN(unroll=2, virtual_optimizer='adam')"},
        ("spectral_norm_conv2d/vars/2",),
        2,
    ),
    "digits-single": ("digits", NETWORKS["spectral"] | SINGLE | MEASURED, ("unaveraged",), 2),
    "digits-one-stage": ("digits", NETWORKS["spectral"] | ONE, ("spectral_norm_conv2d/vars/2",), 3),
    "digits-growing": ("digits", NETWORKS["growing"], ("fade_in/vars/0",), 3),
    "folder-alternating": (
        "folder",
        NETWORKS["spectral"] | {"inputs": f"('HistoryBuffer(capacity=12)', {ADAPTIVE!r})", "critic_steps": 2},
        ("history_buffer/vars", "adaptive_augment/vars"),
        3,
    ),
    "folder-single": ("folder", NETWORKS["plain"] | SINGLE, ("unaveraged",), 2),
    "folder-one-stage": ("folder", NETWORKS["plain"] | ONE | MEASURED, ("averaged",), 2),
    "folder-growing": ("folder", NETWORKS["growing"] | MEASURED, ("fade_in/vars/0",), 2),
    "tfds-alternating": ("tfds:mnist", NETWORKS["plain"] | {"terms": "('R1(gamma=1.0, every=3)',)"}, ("averaged",), 2),
    "tfds-single": ("tfds:mnist", NETWORKS["spectral"] | SINGLE, ("spectral_norm_conv2d/vars/2",), 2),
    "tfds-one-stage": ("tfds:mnist", NETWORKS["spectral"] | ONE, ("spectral_norm_conv2d/vars/2",), 2),
    "tfds-growing": ("tfds:mnist", NETWORKS["growing"], ("fade_in/vars/0",), 2),
}
WRITES = ("begin", "chunk 1", "chunk 2", "read back", "fsync", "before the name", "after the name", "end")


def command(name: str, folder: Path, workdir: Path) -> list[str]:
    """Returns the command of a scenario."""
    source, settings, _, _ = SCENARIOS[name]
    if source == "folder":
        source = f"folder:{digits_as_files(folder / 'images')}"
    fixed = {"data.source": source, "data.resolution": 8, "images": IMAGES, "images_per_epoch": BATCH * STEPS}
    fixed |= {"batch_size": BATCH, "prior": "Normal(4)", "grid": 4, "class_summary": 0, "doctor": ""}
    fixed |= {"evaluation.images": 32, "keep_checkpoints": 2}
    values = [f"--config.{field}={value}" for field, value in (fixed | settings).items()]
    return ["train", "--config", f"{ROOT}/configs/digits_quickstart.py:quick", *values, "--workdir", str(workdir)]


def digits_as_files(folder: Path, count: int = 60) -> Path:
    """Writes digits as PNG files, once."""
    if not folder.exists():
        digits = sklearn.datasets.load_digits()
        for number, (image, label) in enumerate(zip(digits.images[:count], digits.target, strict=False)):
            (folder / str(label)).mkdir(parents=True, exist_ok=True)
            Image.fromarray((image * 15).astype("uint8")).save(folder / str(label) / f"{number:03d}.png")
    return folder


def moment(kind: str, draw: random.Random, steps: int, seconds: float) -> dict:
    """Draws a moment.

    Args:
        kind: see `tests.faults.killed_run.run`, or "term": SIGTERM at a step, which saves within an epoch.
        draw: of numbers.
        steps: that are left.
        seconds: that an undisturbed run takes.
    """
    if kind in ("step", "term"):
        chosen = {"step": draw.randint(1, steps), "side": draw.choice(("begin", "end"))}
        return {"kind": "step", **chosen, "signal": "SIGTERM" if kind == "term" else "SIGKILL"}
    if kind == "seconds":
        return {"kind": kind, "seconds": round(draw.uniform(0.0, 0.7 * seconds), 2)}
    epochs = -(-steps // STEPS)
    if kind == "line":
        return {"kind": kind, "line": draw.randint(1, epochs), "characters": draw.randint(1, 60)}
    chosen = {"kind": "write", "write": draw.randint(1, epochs)}
    if kind == "removal":  # of the first checkpoint, when the third is written
        return {**chosen, "write": min(epochs, 3), "place": f"{draw.choice(('before', 'after'))} removal"}
    if kind == "write, by time":
        return {**chosen, "milliseconds": draw.randint(0, 60)}
    return {**chosen, "place": draw.choice(WRITES)}


def difference(folder: Path, other: Path) -> list[str]:
    """Returns in what two finished runs differ; empty if in nothing but times."""
    found = [
        f"{name}: {[p.name for p in folder.glob(name)]}, not {[p.name for p in other.glob(name)]}"
        for name in (f"checkpoints/*{IMAGES}.keras", "best/*.keras", "samples/*")
        if {path.name for path in folder.glob(name)} != {path.name for path in other.glob(name)}
    ]
    kept = len(list(folder.glob("checkpoints/*.keras")))
    found += [f"{kept} checkpoints"] if kept != 2 else []
    for path in [*folder.glob(f"checkpoints/*{IMAGES}.keras"), *folder.glob("best/*.keras")]:
        mine, its = numbers(path), numbers(other / path.relative_to(folder))
        found += [f"{path.name}: {name}" for name in sorted(mine.keys() ^ its.keys())]
        found += [f"{path.name}: {n}" for n in mine if n in its and mine[n].tobytes() != its[n].tobytes()]
    for path in folder.glob("samples/*"):
        twin = other / path.relative_to(folder)
        found += [path.name] if twin.exists() and twin.read_bytes() != path.read_bytes() else []
    for name in ("metrics.jsonl", "evaluations.jsonl"):
        pairs = list(zip(rows(folder / name), rows(other / name), strict=False))
        found += [f"{name}: {a['images_seen']}: {k}" for a, b in pairs for k in a | b if a.get(k) != b.get(k)]
        found += [f"{name}: number of lines"] if len(rows(folder / name)) != len(rows(other / name)) else []
    return found


def numbers(path: Path) -> dict[str, np.ndarray]:
    """Returns all that a checkpoint holds, by name; none if it is not there."""
    found: dict[str, np.ndarray] = {}
    if path.exists():
        with zipfile.ZipFile(path) as archive, h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file:
            file.visititems(lambda name, item: found.update({name: item[()]} if isinstance(item, h5py.Dataset) else {}))
    return found


def rows(path: Path) -> list[dict]:
    """Returns the lines of a file of numbers, without times."""
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return [{name: value for name, value in line.items() if name not in TIMES} for line in lines]


def images_saved(workdir: Path) -> int:
    """Returns the images of the newest checkpoint that has its name, 0 if there is none."""
    names = [path.stem for path in workdir.glob("checkpoints/*.keras")]
    return max((int(re.sub(r"\D", "", name)) for name in names), default=0)


def disturbed(name: str, folder: Path, seed: int) -> dict:
    """Runs a scenario twice, once undisturbed and once killed again and again; returns what happened."""
    draw = random.Random(f"{seed} {name}")
    whole, killed = folder / "whole", folder / "killed"
    files = {"record": folder / "record", "output": folder / "output"}
    begun = time.monotonic()
    assert run(command(name, folder, whole), {}, **files) == 0, files["output"].read_text()
    seconds = time.monotonic() - begun
    held = " ".join(numbers(next(whole.glob(f"checkpoints/*{IMAGES}.keras"))))
    assert all(part in held for part in SCENARIOS[name][2]), held
    kinds = draw.sample(["step", "seconds", "write", "write", "write, by time", "line", "removal"], SCENARIOS[name][3])
    kinds.insert(draw.randrange(len(kinds)), "term")
    happened, missed, kills = [], 0, 0
    while kinds:
        left = (IMAGES - images_saved(killed)) // BATCH
        if left <= 0:
            break
        code = run(command(name, folder, killed), moment(kinds[0], draw, left, seconds), **files)
        if code == -signal.SIGKILL:
            row = json.loads(files["record"].read_text().splitlines()[-1])
            happened.append({"kind": kinds[0], **row, "saved": images_saved(killed)})
            kills += 1
        elif code == 0 and kinds[0] == "term":
            row = json.loads(files["record"].read_text().splitlines()[-1])
            happened.append({"kind": "term", **row, "saved": images_saved(killed)})
        elif code == 0:
            missed += 1
        else:
            raise AssertionError(files["output"].read_text())
        kinds.pop(0)
    ended = images_saved(killed) == IMAGES
    code = run(command(name, folder, killed), {}, **files)
    assert code == 0, files["output"].read_text()
    found = {"scenario": name, "seed": seed, "kills": kills, "missed": missed, "moments": happened}
    differs = difference(killed, whole)
    # The same command has nothing left to train after the last checkpoint, so it does not end what belongs to an end.
    left = [text for text in differs if ended and ("film" in text or text.endswith(" checkpoints"))]
    return found | {"left": left, "differs": [text for text in differs if text not in left]}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("scenarios", nargs="*", default=list(SCENARIOS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    for scenario in given.scenarios or SCENARIOS:
        with tempfile.TemporaryDirectory() as temporary:
            result = disturbed(scenario, Path(temporary), given.seed)
        print(json.dumps(result), flush=True)
        if given.json:
            with given.json.open("a", encoding="utf-8") as file:
                file.write(json.dumps(result) + "\n")
