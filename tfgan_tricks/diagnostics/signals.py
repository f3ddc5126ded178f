"""The signals of a run in its folder: signals.jsonl, one look a line, and facts.json."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tfgan_tricks.callbacks.json_lines import append, finite, read_rows, rewind
from tfgan_tricks.checks import explain
from tfgan_tricks.diagnostics.window import Snapshot, Window
from tfgan_tricks.files import write_atomically

SIGNALS, FACTS = "signals.jsonl", "facts.json"


def read_window(folder: str | Path) -> Window:
    """Returns the signals that a `Doctor` recorded in a folder; none if it recorded nothing.

    Reading is safe while a run writes.

    **Source**: none.

    **Differs from the paper**: no.

    Args:
        folder: the doctor's, such as "runs/mine/doctor".

    Raises:
        ValueError: if a file there is not what a `Doctor` writes.

    **Cost**: none.

    **Combines badly with**: nothing known.

    Example:

    >>> tfgan_tricks.diagnostics.read_window("no_such_folder").snapshots
    ()
    """
    folder = Path(folder)
    return Window(tuple(_snapshot(row, folder) for row in read_rows(folder / SIGNALS)), _read_facts(folder / FACTS))


def begin(folder: Path, images: int, facts: Mapping[str, Any]) -> Window:
    """Makes the folder ready for a run that has seen `images` images; returns what earlier parts of it recorded."""
    rows = rewind(folder / SIGNALS, images)
    text = json.dumps(facts, indent=2, sort_keys=True) + "\n"
    write_atomically(folder / FACTS, lambda temporary: temporary.write_text(text, encoding="utf-8"))
    return Window(tuple(_snapshot(row, folder) for row in rows), facts)


def record(folder: Path, snapshot: Snapshot) -> None:
    """Adds a look to the file, whose numbers are all finite."""
    values = {name: finite(value) for name, value in snapshot.values.items()}
    append(folder / SIGNALS, {"images_seen": snapshot.images, "values": values, "notes": dict(snapshot.notes)})


def _snapshot(row: dict, folder: Path) -> Snapshot:
    values, notes = row.get("values"), row.get("notes", {})
    if not isinstance(values, dict) or not isinstance(notes, dict):
        raise _refused(folder / SIGNALS, f"a line with {sorted(row)}", "lines with 'images_seen', 'values' and 'notes'")
    return Snapshot(row["images_seen"], {name: value for name, value in values.items() if value is not None}, notes)


def _read_facts(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise _refused(path, str(error), "a JSON object") from error
    if not isinstance(facts, dict):
        raise _refused(path, type(facts).__name__, "a JSON object")
    return facts


def _refused(path: Path, received: str, expected: str) -> ValueError:
    problem = f"'{path}' is not a file of the doctor's."
    fix = "remove it, or name the folder of another run."
    return ValueError(explain(problem, received=received, expected=expected, fix=fix))
