"""Which way of running a step is the fastest: by graph or by XLA, one step or many in a call."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import keras

from mode_lab.game import STEPS_AT_ONCE, Game
from mode_lab.results import VERSIONS, machine, write
from mode_lab.trial import StepClock

WAYS = {
    "graph": {"jit_compile": False, "steps_per_execution": 1},
    f"graph, {STEPS_AT_ONCE} steps in a call": {"jit_compile": False, "steps_per_execution": STEPS_AT_ONCE},
    "XLA": {"jit_compile": True, "steps_per_execution": 1},
    f"XLA, {STEPS_AT_ONCE} steps in a call": {"jit_compile": True, "steps_per_execution": STEPS_AT_ONCE},
}


def measure_speed(path: Path, games: Mapping[str, Game], cells: list[str], steps: int = 3 * STEPS_AT_ONCE) -> None:
    """Times the step of each cell in each way, prints the times and writes them into the file of results."""
    found = {
        cell: {way: seconds_per_step(games, cell, options, steps) for way, options in WAYS.items()} for cell in cells
    }
    for cell, times in found.items():
        print(cell, ", ".join(f"{way}: {1e3 * seconds['wall']:.1f} ms" for way, seconds in times.items()), sep=": ")
    report = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    about = {"steps": steps, "load_after": load, "machine": machine(), "versions": VERSIONS}
    write(path, report | {"speed": about | {"seconds_per_step": found}})


def seconds_per_step(games: Mapping[str, Game], cell: str, options: dict, steps: int) -> dict | None:
    """Returns the mean time of a step in `fit`, without the first call."""
    name, label = cell.split("/")
    game, clock = games[name], StepClock()
    keras.backend.clear_session()
    gan = game.gan(game.variants[label], seed=0, **options)
    data = game.batches(game.variants[label], game.protocols["quick"], seed=0)
    gan.fit(data, epochs=1, steps_per_epoch=steps, callbacks=[clock], verbose=0)
    return clock.seconds_per_step
