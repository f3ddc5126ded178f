"""One training and what was found in it, kept in a folder so that it need not be repeated."""

import dataclasses
import json
import re
import shutil
from pathlib import Path
from typing import Any

import keras

from benchmarks.doctor_lab.health import Health, HealthCheck, is_healthy
from benchmarks.doctor_lab.trial import Trial, run
from tfgan_tricks.diagnostics import Detector, course, read_window
from tfgan_tricks.diagnostics.detectors import all_detectors
from tfgan_tricks.diagnostics.finding import SEVERITIES
from tfgan_tricks.files import write_atomically

TRAINED, SIGNALS = "trained.json", "doctor"


def examine(trial: Trial, seed: int, work: Path, again: bool = False) -> dict[str, Any]:
    """Trains, unless that has been done, and returns what the doctor finds in the recorded signals.

    A training is repeated if it was interrupted, or if its signals were recorded for other detectors.

    Args:
        trial: what to train.
        seed: of weights, latents and the order of the images.
        work: folder in which each training has a folder of its own.
        again: whether to train in any case.
    """
    folder = work / f"{folder_name(trial.name)}-{seed}"
    detectors = list(trial.doctor.get("detectors") or all_detectors())
    names = [detector.name for detector in detectors]
    trained = None if again or not (folder / TRAINED).exists() else _load(folder / TRAINED)
    if trained is None or trained["detectors"] != names or trained["steps"] != trial.steps:
        trained = _train(trial, seed, folder, names)
    record = {"trial": trial.name, "expects": trial.expects, "seed": seed, "steps": trial.steps}
    if trial.expects:
        record["severity"] = trial.severity
    if trained["health"]:
        record["healthy"] = is_healthy([Health(**row) for row in trained["health"]])
        record["health"] = trained["health"]
    return {**record, "findings": _findings(folder / SIGNALS, detectors)}


def folder_name(name: str) -> str:
    """Returns the name of a trial as any file system takes it."""
    return re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")


def _train(trial: Trial, seed: int, folder: Path, names: list[str]) -> dict[str, Any]:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    check = None if trial.labels is None else HealthCheck(trial.images(seed), trial.labels(seed), trial.steps)
    recorded = dataclasses.replace(trial, doctor={**trial.doctor, "directory": folder / SIGNALS})
    run(recorded, seed, *[check] * (check is not None))
    keras.backend.clear_session()  # or many trainings in one process fill the memory
    health = [] if check is None else [dataclasses.asdict(health) for health in check.course]
    trained = {"detectors": names, "steps": trial.steps, "health": health}
    save(folder / TRAINED, trained)
    return trained


def _findings(signals: Path, detectors: list[Detector]) -> dict[str, Any]:
    """Returns, by name, the worst severity, when it was found, and how the doctor knew."""
    found: dict[str, Any] = {}
    episodes = course(read_window(signals), detectors)
    for episode in sorted(episodes, key=lambda e: -SEVERITIES.index(e.finding.severity)):
        about = {"severity": episode.finding.severity, "begun": episode.begun, "last": episode.last}
        found.setdefault(episode.finding.name, {**about, "evidence": list(episode.finding.evidence)})
    return found


def save(path: Path, content: Any) -> None:
    """Writes a JSON file: all of it or nothing."""
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    write_atomically(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))


def _load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
