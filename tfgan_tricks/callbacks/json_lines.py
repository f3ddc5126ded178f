"""Files of one JSON object per line, each with `images_seen`, that a killed and resumed run goes on writing."""

import json
import math
import os
from pathlib import Path

from absl import logging

from tfgan_tricks.checks import explain
from tfgan_tricks.files import WriteError, prepare_directory, write_atomically


def rewind(path: Path, images: int) -> list[dict]:
    """Brings a file to where its model is, and returns its rows.

    Half a line of a killed run goes, and so do lines of images that the model has not seen, because it went back to a
    checkpoint: a run has one history, however often it was interrupted. The file's folder is made if it is missing.

    Raises:
        ValueError: if the file holds anything else.
        WriteError: if it cannot be written.
    """
    prepare_directory(path.parent)
    rows = read_rows(path)
    kept = [row for row in rows if row["images_seen"] <= images]
    if path.exists():  # always rewritten: the last line may lack its end
        if len(kept) < len(rows):
            logging.info("%d lines of %s lie ahead of the model and go.", len(rows) - len(kept), path)
        text = "".join(json.dumps(row) + "\n" for row in kept)
        write_atomically(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))
    return kept


def append(path: Path, row: dict) -> None:
    """Adds a row, which is on the disk when this returns.

    Raises:
        WriteError: if it cannot be written.
    """
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, allow_nan=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise WriteError(
            explain(
                f"'{path}' could not be written.",
                received=f"{type(error).__name__}: {error.strerror or error}",
                expected="a folder that is there, a file in it with permission to write, and free space",
                fix="free space, or choose another file, and run again; what was saved before is still valid.",
            )
        ) from error


def read_rows(path: str | Path) -> list[dict]:
    """Returns the rows of a file, none if there is none, without a last line that a killed run left unfinished.

    Raises:
        ValueError: if any other line is no JSON object with `images_seen`.
    """
    path = Path(path)
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
    rows = []
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):  # no JSON, or nested without end
            row = None
        if isinstance(row, dict) and isinstance(row.get("images_seen"), int):
            rows.append(row)
        elif number < len(lines):
            raise ValueError(
                explain(
                    f"'{path}' is not a file of a run's numbers.",
                    received=f"line {number}: {line[:80]!r}",
                    expected="one JSON object with 'images_seen' per line",
                    fix="choose another file, or remove that line.",
                )
            )
    return rows


def finite(value) -> float | None:
    """Returns a number as JSON has it: `None` for what is not finite."""
    number = float(value)
    return number if math.isfinite(number) else None
