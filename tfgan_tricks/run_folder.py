"""The folder of one training run, and the rule that a run is continued with the config it was started with.

config.json        the resolved config             checkpoints/   the last few whole models, one file each
versions.json      what it was started with        samples/       grids of images, and their film
metrics.jsonl      one line of numbers per epoch   logs/          TensorBoard's event files
evaluations.jsonl  one line per evaluation         best/          the model that the metric of the config liked best
doctor/            what the doctor saw
"""

import dataclasses
import json
import platform
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfgan_tricks.checks import explain
from tfgan_tricks.configuration.fields import default_config
from tfgan_tricks.files import prepare_directory, write_atomically
from tfgan_tricks.version import __version__

# Fields that say how long to go on or what to look at; they may differ when a run is continued.
CHANGEABLE = ("images", "keep_checkpoints", "class_summary", "evaluation")


@dataclasses.dataclass(frozen=True)
class RunFolder:
    """Paths of a run.

    Attributes:
        path: the folder.
    """

    path: Path

    @property
    def checkpoints(self) -> Path:
        """Folder of the checkpoints."""
        return self.path / "checkpoints"

    @property
    def samples(self) -> Path:
        """Folder of the sample grids."""
        return self.path / "samples"

    @property
    def doctor(self) -> Path:
        """Folder of the doctor's signals."""
        return self.path / "doctor"

    @property
    def logs(self) -> Path:
        """Folder of TensorBoard's event files."""
        return self.path / "logs"

    @property
    def metrics(self) -> Path:
        """File with one JSON object per epoch."""
        return self.path / "metrics.jsonl"

    @property
    def evaluations(self) -> Path:
        """File with one JSON object per evaluation."""
        return self.path / "evaluations.jsonl"

    @property
    def best(self) -> Path:
        """Folder of the checkpoint that the metric of the config liked best."""
        return self.path / "best"

    @property
    def config(self) -> Path:
        """File with the resolved config."""
        return self.path / "config.json"

    def start(self, config: dict[str, Any], allow_change: bool = False) -> None:
        """Makes the folder and writes the config, or checks that it is the one the run was started with.

        Args:
            config: the resolved config, as plain values.
            allow_change: go on although fields differ; the new config is then written.

        Raises:
            WriteError: if the folder cannot be written to.
            ValueError: if the run was started with another config; the text lists the fields that differ.
        """
        for folder in (self.path, self.checkpoints, self.samples, self.logs):
            prepare_directory(folder)
        self.check(config, allow_change)
        if not self.config.exists():
            write_json(self.path / "versions.json", versions())
        write_json(self.config, json.loads(json.dumps(config)))

    def check(self, config: dict[str, Any], allow_change: bool = False) -> None:
        """Raises `ValueError` if the run was started with another config, unless that is allowed; writes nothing."""
        config = json.loads(json.dumps(config))
        if self.config.exists() and not allow_change:
            differences = difference(_completed(self.read_config(), default_config().to_dict()), config)
            if differences:
                raise ValueError(
                    explain(
                        f"The run in {self.path} was started with another config.",
                        received="".join(f"\n    {line}" for line in differences),
                        expected=f"the config in {self.config}, except for {', '.join(CHANGEABLE)}",
                        fix="choose a new --workdir, or pass --allow_config_change to go on all the same.",
                    )
                )

    def read_config(self) -> dict[str, Any]:
        """Returns the config that the run was started with.

        Raises:
            ValueError: if there is no run in the folder, or its config is not readable.
        """
        try:
            config = json.loads(self.config.read_text(encoding="utf-8"))
            if not isinstance(config, dict) or not isinstance(config.get("data", {}), dict):
                raise ValueError("it is not the config of a run")
            return config
        except (OSError, ValueError, RecursionError) as error:  # no JSON, no text, nested without end
            raise ValueError(
                explain(
                    f"There is no readable run in {self.path}.",
                    received=f"{self.config}: {error}",
                    expected="a folder made by `tfgan-tricks train --workdir ...`",
                    fix="check the path, or train first.",
                )
            ) from None


def _completed(old: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    """Returns a config with the fields that it is too old to have; their defaults are what was done then."""
    known = json.loads(json.dumps(defaults))
    return known | {
        k: known[k] | v if isinstance(v, dict) and isinstance(known.get(k), dict) else v for k, v in old.items()
    }


def difference(old: dict[str, Any], new: dict[str, Any], prefix: str = "") -> list[str]:
    """Returns one line per field that differs between two configs, nested fields by dotted name."""
    lines = []
    for key in sorted(old.keys() | new.keys()):
        name, before, after = f"{prefix}{key}", old.get(key, "(absent)"), new.get(key, "(absent)")
        if name in CHANGEABLE:
            continue
        if isinstance(before, dict) and isinstance(after, dict):
            lines += difference(before, after, f"{name}.")
        elif before != after:
            lines.append(f"{name}: was {before!r}, now {after!r}")
    return lines


def versions() -> dict[str, str]:
    """Returns the versions that a result depends on."""
    return {
        "tfgan_tricks": __version__,
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def write_json(path: Path, value: object) -> None:
    """Writes a JSON file that is either the old or the new one, whatever happens in between."""
    text = json.dumps(value, indent=2, sort_keys=True) + "\n"
    write_atomically(path, lambda temporary: temporary.write_text(text))
