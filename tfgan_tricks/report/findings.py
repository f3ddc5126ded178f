"""What the doctor says of a run, from the signals that it recorded."""

import dataclasses

from tfgan_tricks.diagnostics.diagnosis import Episode, course
from tfgan_tricks.diagnostics.signals import read_window
from tfgan_tricks.report.reading import Run

FOLDER = "doctor"


@dataclasses.dataclass(frozen=True)
class Examination:
    """What was found.

    Attributes:
        looks: how often the training was looked at; 0 if there is nothing to say.
        images: images seen at the last look.
        episodes: what was found over the whole training; what still holds first, then by severity.
        absent: why there are no looks, in words.
    """

    looks: int = 0
    images: int = 0
    episodes: tuple[Episode, ...] = ()
    absent: str = ""


def examine(run: Run) -> Examination:
    """Returns what all detectors find in the signals of a run."""
    otherwise = Examination(absent="Its files cannot be read; see above.")
    return run.attempt(f"{FOLDER}/", lambda: _examine(run), otherwise)


def _examine(run: Run) -> Examination:
    folder = run.folder.path / FOLDER
    if not folder.is_dir():
        return Examination(absent="The run has no folder of signals: it was trained without a Doctor.")
    for path in (folder, *folder.iterdir()):
        run.inside(path)
    window = read_window(folder)
    if not window.snapshots:
        return Examination(absent="The first look at the training is still to come.")
    return Examination(len(window.snapshots), window.images, tuple(course(window)))
