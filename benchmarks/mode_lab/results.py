"""The file of results: written after each trial, so that a run that was killed goes on where it was."""

import dataclasses
import json
import math
import os
import platform
import statistics
from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

import tfgan_tricks as tt
from mode_lab.game import Game
from mode_lab.trial import CLOCKS
from tfgan_tricks.checks import explain
from tfgan_tricks.files import write_atomically


class Results:
    """Trials by length of the protocol ("quick" or "full"), cell ("ring/packing=2") and seed.

    Args:
        path: of the file, which need not be there.
        length: "quick" or "full".
        games: by name; trials that another protocol or other versions made are refused, not mixed in.
        restart: forget what is there of this length.
    """

    def __init__(self, path: Path, length: str, games: Mapping[str, Game], restart: bool = False):
        self.path, self.games = path, games
        self.report: dict = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        settings = {
            "protocols": {name: protocol_of(game, length) for name, game in games.items()},
            "versions": VERSIONS,
        }
        if restart or length not in self.report:
            self.report[length] = {**settings, "cells": {}}
        self.run = self.report[length]
        for kind, value in settings.items():
            if self.run[kind] != value:
                self._refuse(kind, self.run[kind], value)

    def _refuse(self, kind: str, found: dict, wanted: dict) -> None:
        changed = [key for key in {**found, **wanted} if found.get(key) != wanted.get(key)]
        raise ValueError(
            explain(
                f"The trials in '{self.path}' were made with other {kind}.",
                received=", ".join(f"{key}: {found.get(key)}" for key in changed),
                expected=", ".join(f"{key}: {wanted.get(key)}" for key in changed),
                fix="name another file with --json, or start over with --restart.",
            )
        )

    def done(self, cell: str) -> set[int]:
        """Returns the seeds of the trials that are there."""
        return {trial["seed"] for trial in self.run["cells"].get(cell, {}).get("trials", [])}

    def add(self, cell: str, trial: dict, command: str) -> None:
        """Keeps a trial, and writes the file."""
        trials = sorted([*self.run["cells"].get(cell, {}).get("trials", []), trial], key=lambda kept: kept["seed"])
        game, _ = cell.split("/")
        self.run["cells"][cell] = {"summary": summary(trials, self.games[game].measures), "trials": trials}
        self.save(command)

    def save(self, command: str) -> None:
        """Writes the file, with the command that made it what it is."""
        self.run |= {"command": command, "machine": machine()}
        write(self.path, self.report)


VERSIONS = {
    "tensorflow": tf.__version__,
    "keras": keras.__version__,
    "numpy": np.__version__,
    "tfgan_tricks": tt.__version__,
}


def write(path: Path, report: dict) -> None:
    """Writes all results; a process that is killed meanwhile leaves the file as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    write_atomically(path, lambda file: file.write_text(text, encoding="utf-8"))


def protocol_of(game: Game, length: str) -> dict:
    """Returns a protocol as it is written; more trials are no other protocol."""
    protocol = dataclasses.asdict(game.protocols[length])
    return {name: value for name, value in protocol.items() if name != "trials"}


def machine() -> dict:
    """Returns where it runs."""
    devices = [device.device_type for device in tf.config.list_physical_devices()]
    return {"system": platform.platform(), "cores": os.cpu_count(), "devices": devices}


def summary(trials: list[dict], measures: tuple[str, ...]) -> dict:
    """Returns mean and standard error of each measure, and medians of the time of a step."""
    found = {measure: mean_and_error([trial[measure] for trial in trials]) for measure in measures}
    times = [trial["seconds_per_step"] for trial in trials if trial["seconds_per_step"] is not None]
    medians = {clock: statistics.median(time[clock] for time in times) for clock in CLOCKS} if times else None
    return {"trials": len(trials), **found, "seconds_per_step": medians}


def mean_and_error(values: list[float]) -> dict:
    """Returns the mean, and its standard error s / √n, or `None` from a single value."""
    error = statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else None
    return {"mean": statistics.fmean(values), "standard_error": error}
