"""A doctor for a run of the command line: while it trains, and afterwards."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ml_collections
from absl import logging

from tfgan_tricks import data
from tfgan_tricks.callbacks.checkpoints import latest
from tfgan_tricks.callbacks.json_lines import read_rows
from tfgan_tricks.checks import check_type, explain
from tfgan_tricks.configuration import build
from tfgan_tricks.diagnostics import Doctor, Episode, Snapshot, Window, read_window
from tfgan_tricks.diagnostics.data_facts import data_facts
from tfgan_tricks.diagnostics.detectors import all_detectors
from tfgan_tricks.diagnostics.facts import facts_of
from tfgan_tricks.diagnostics.look import Look, Subject
from tfgan_tricks.run_folder import RunFolder
from tfgan_tricks.run_results import load_run

REAL_IMAGES = 256  # to compare with
LOOKS = 4  # per epoch, unless the config says otherwise
TIMES = ("images_seen", "seconds", "images_per_second")  # of metrics.jsonl: no signals


def doctors(config: ml_collections.ConfigDict, folder: RunFolder, upscale: bool | None) -> list[Doctor]:
    """Returns the doctor that a config asks for, or none.

    Args:
        config: of the run.
        folder: of the run.
        upscale: as in `tfgan_tricks.data.load`.
    """
    if not config.doctor:
        return []
    known = {
        **_data(config.data, upscale),
        "directory": folder.doctor,
        "every_images": max(1, config.images_per_epoch // LOOKS),
        "seed": config.seed,
    }
    doctor = build(config.doctor, "diagnostics", "config.doctor", **known)
    check_type("config.doctor", doctor, Doctor, "set it to 'Doctor()', 'Doctor(act=True)' or '' for none.")
    return [doctor]


def window_of(workdir: str | Path) -> Window:
    """Returns the signals of a run, finished or not.

    They are what its doctor recorded. Of a run without one they are the numbers of metrics.jsonl, and one look at the
    newest checkpoint, now.

    Raises:
        ValueError: if the folder holds no run, or a run that has not got anywhere yet.
    """
    folder = RunFolder(Path(workdir))
    config = folder.read_config()
    window = read_window(folder.doctor)
    return window if window.snapshots else _afterwards(folder, config)


def told(window: Window, episodes: Sequence[Episode]) -> list[str]:
    """Returns what the doctor has to say, in texts for people: what is wrong now, then what was."""
    looks = (
        f"{len(window.snapshots)} look{'s' if len(window.snapshots) > 1 else ''}, the last at {window.images:,} images"
    )
    now = [episode for episode in episodes if not episode.over]
    texts = [f"{looks}: {'nothing is found now.' if not now else f'{len(now)} found now.'}"]
    texts += [f"\n{episode.finding}\n  Seen since {episode.begun:,} images." for episode in now]
    over = [episode for episode in episodes if episode.over]
    if over:
        texts.append("\nEarlier, and no longer:")
    for episode in over:
        finding, span = episode.finding, f"from {episode.begun:,} to {episode.last:,} images"
        texts.append(f"  {finding.name.replace('_', ' ')} ({finding.severity}), {span}: {finding.evidence[0]}")
    return texts


def as_dict(window: Window, episodes: Sequence[Episode]) -> dict[str, Any]:
    """Returns the same in types that JSON has."""
    found = [{"begun": e.begun, "last": e.last, "over": e.over, **e.finding.as_dict()} for e in episodes]
    return {"images_seen": window.images, "looks": len(window.snapshots), "findings": found}


def _afterwards(folder: RunFolder, config: Mapping[str, Any]) -> Window:
    snapshots = [_snapshot(row) for row in read_rows(folder.metrics)]
    if latest(folder.checkpoints) is None:
        if snapshots:
            return Window(tuple(snapshots))
        raise ValueError(
            explain(
                f"The run in {folder.path} has nothing to examine yet.",
                received="no signals, no numbers and no checkpoint",
                expected="at least one finished epoch of training",
                fix="train for longer, or look for errors of the training run.",
            )
        )
    gan, _ = load_run(folder.path)
    try:
        known = _data(config["data"], upscale=None)
    except (ValueError, OSError) as error:
        logging.warning("Nothing is compared with the data, which cannot be read now: %s", error)
        known = {"real": None}
    look = Look(Subject(gan, known["real"]), snapshots[-1].values if snapshots else {})
    values = dict(look.logs)
    for detector in all_detectors():
        values |= detector.measure(look)
    notes = snapshots.pop().notes if snapshots else {}
    last = Snapshot(int(gan.images_seen.numpy()), values, notes)
    return Window((*snapshots, last), facts_of(gan) | data_facts(**known))


def _snapshot(row: Mapping[str, Any]) -> Snapshot:
    values = {name: value for name, value in row.items() if name not in TIMES}
    bad = [name for name, value in values.items() if value is None]
    finite = {name: value for name, value in values.items() if value is not None}
    return Snapshot(row["images_seen"], finite, {"non_finite": ", ".join(bad)} if bad else {})


def _data(config: Mapping[str, Any], upscale: bool | None) -> dict[str, Any]:
    """Returns what a doctor is told about the data: some images, always the same, with labels if they have any, and
    how many there are."""
    how = {name: config[name] for name in ("resolution", "channels", "crop", "on_error")}
    source = data.open_source(config["source"], on_error=config["on_error"])
    images, labels = data.arrays(source, limit=REAL_IMAGES, upscale=upscale, **how)
    real = {"image": data.to_float(images)} | ({} if labels is None else {"label": labels})
    return {"real": real, "data_images": source.count}
