"""What a run folder holds, read so that a file which is missing, half written or of no use costs only itself."""

import dataclasses
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import ml_collections

from tfgan_tricks.callbacks.checkpoints import checkpoints
from tfgan_tricks.callbacks.film import grids
from tfgan_tricks.callbacks.json_lines import read_rows
from tfgan_tricks.checks import explain
from tfgan_tricks.construction import build_curriculum
from tfgan_tricks.run_folder import RunFolder
from tfgan_tricks.training import ProgressiveTraining

Found = TypeVar("Found")


@dataclasses.dataclass
class Run:
    """A run as far as it can be read.

    Attributes:
        folder: its paths.
        config: the resolved config.
        versions: what it was started with.
        rows: the lines of metrics.jsonl, by images seen.
        grids: sample grids by images seen.
        checkpoints: names and bytes of the checkpoints, in order of images seen.
        evaluations: the lines of evaluations.jsonl.
        curriculum: the stages that it trains in, if there are any.
        problems: what could not be read, in words.
    """

    folder: RunFolder
    config: dict[str, Any]
    versions: dict[str, Any] = dataclasses.field(default_factory=dict)
    rows: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    grids: dict[int, Path] = dataclasses.field(default_factory=dict)
    checkpoints: dict[str, int] = dataclasses.field(default_factory=dict)
    evaluations: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    curriculum: ProgressiveTraining | None = None
    problems: list[str] = dataclasses.field(default_factory=list)

    def attempt(self, what: str, read: Callable[[], Found], otherwise: Found) -> Found:
        """Returns what `read` returns, or `otherwise` with the reason among the problems."""
        try:
            return read()
        except (OSError, ValueError, TypeError, ArithmeticError, LookupError) as error:
            reason = error.args[0] if len(error.args) == 1 else error  # a KeyError would quote its text
            self.problems.append(f"{what} cannot be shown. {type(error).__name__}: {reason}")
            return otherwise

    def inside(self, path: Path) -> Path:
        """Returns a path of the run; raises `ValueError` if it leads, by a link, to what is not the run's.

        A page is made to be shown to others. A folder that came from somebody else must not be able to put other
        files of this machine on it.
        """
        if not path.resolve().is_relative_to(self.folder.path.resolve()):
            raise ValueError(
                explain(
                    f"'{path}' is not shown.",
                    received=f"a link to '{path.resolve()}', out of the run's folder",
                    expected="files of the run itself",
                    fix="put a copy of the file in place of the link.",
                )
            )
        return path

    @property
    def images_seen(self) -> int:
        """Images seen when the last line of numbers was written."""
        return self.rows[-1]["images_seen"] if self.rows else 0

    @property
    def images_planned(self) -> int | None:
        """Images seen when training is over, `None` if the config does not say."""
        if self.curriculum is not None:
            return self.curriculum.images
        try:  # whole epochs of whole batches, as `experiment.train` rounds them
            batch, epoch, images = (self.config[name] for name in ("batch_size", "images_per_epoch", "images"))
            epoch = max(1, epoch // batch) * batch
            return max(1, round(images / epoch)) * epoch
        except (KeyError, TypeError, ArithmeticError):
            return None


def read_run(workdir: Path) -> Run:
    """Reads the folder of a run.

    Raises:
        ValueError: if it holds no run.
    """
    folder = RunFolder(workdir)
    run = Run(folder, {})
    run.inside(folder.config)
    run.config = folder.read_config()
    _check_object(folder.config, run.config)
    run.versions = run.attempt("versions.json", lambda: _versions(run), {})
    run.rows = run.attempt("metrics.jsonl", lambda: _rows(run, folder.metrics), [])
    run.evaluations = run.attempt("evaluations.jsonl", lambda: _rows(run, folder.evaluations), [])
    run.grids = run.attempt("samples/", lambda: grids(folder.samples) if folder.samples.is_dir() else {}, {})
    run.checkpoints = run.attempt("checkpoints/", lambda: _sizes(folder.checkpoints), {})
    run.curriculum = run.attempt("The curriculum", lambda: _curriculum(run.config), None)
    return run


def number(value: object) -> float | None:
    """Returns a finite number as it is, and `None` for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:  # an integer beyond all floats
        return None


def _rows(run: Run, path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    rows = [row for row in read_rows(run.inside(path)) if number(row["images_seen"]) is not None]
    return sorted(rows, key=lambda row: row["images_seen"])


def _versions(run: Run) -> dict[str, Any]:
    path = run.inside(run.folder.path / "versions.json")
    if not path.exists():
        return {}
    found = json.loads(path.read_text(encoding="utf-8"))
    _check_object(path, found)
    return found


def _check_object(path: Path, found: object) -> None:
    if not isinstance(found, dict):
        raise ValueError(
            explain(
                f"'{path}' is not a file of a run.",
                received=f"a {type(found).__name__}",
                expected="one JSON object",
                fix="choose a folder made by `tfgan-tricks train --workdir ...`.",
            )
        )


def _sizes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in checkpoints(folder).values()}


def _curriculum(config: dict[str, Any]) -> ProgressiveTraining | None:
    return build_curriculum(ml_collections.ConfigDict(config)) if config.get("curriculum") else None
