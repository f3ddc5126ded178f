"""From signals to findings: all detectors on a window, and the course of a whole training."""

import dataclasses
from collections.abc import Sequence

from tfgan_tricks.diagnostics.detector import Detector
from tfgan_tricks.diagnostics.detectors import all_detectors
from tfgan_tricks.diagnostics.finding import SEVERITIES, Finding
from tfgan_tricks.diagnostics.window import Window


def diagnose(window: Window, detectors: Sequence[Detector] | None = None) -> list[Finding]:
    """Returns what the detectors find at the end of a window, the most severe first.

    **Source**: each finding names its own.

    **Differs from the paper**: each detector says.

    Args:
        window: signals, recorded by a `Doctor`, read by `read_window`, or made by hand.
        detectors: which ones to ask; all there are, with their default thresholds, unless given.

    **Cost**: below a millisecond.

    **Combines badly with**: nothing known.

    Example:

    >>> tfgan_tricks.diagnostics.diagnose(tfgan_tricks.diagnostics.Window())
    []
    """
    chosen = all_detectors() if detectors is None else detectors
    findings = [finding for detector in chosen for finding in detector(window)]
    return sorted(findings, key=lambda finding: -SEVERITIES.index(finding.severity))


@dataclasses.dataclass(frozen=True)
class Episode:
    """A failure over the course of a training.

    **Source**: none.

    **Differs from the paper**: no.

    Attributes:
        finding: at its worst.
        begun: images seen when it was found first.
        last: images seen when it was found last.
        over: whether a later look did not find it any more.

    **Cost**: none.

    **Combines badly with**: nothing known.
    """

    finding: Finding
    begun: int
    last: int
    over: bool


def course(window: Window, detectors: Sequence[Detector] | None = None) -> list[Episode]:
    """Returns what was found over a whole training, by name and player: what still holds first, then by severity.

    **Source**: each finding names its own.

    **Differs from the paper**: each detector says.

    Args:
        window: signals of the whole training; the findings of each moment are those of the looks until then.
        detectors: which ones to ask; all there are unless given.

    **Cost**: that of `diagnose`, for each look.

    **Combines badly with**: nothing known.

    Example:

    >>> tfgan_tricks.diagnostics.course(tfgan_tricks.diagnostics.Window())
    []
    """
    chosen = all_detectors() if detectors is None else detectors
    episodes: dict[tuple[str, str], Episode] = {}
    for count, snapshot in enumerate(window.snapshots, start=1):
        now = {(finding.name, finding.player): finding for finding in diagnose(window.until(count), chosen)}
        for key, finding in now.items():
            before = episodes.get(key)
            worse = before is None or SEVERITIES.index(finding.severity) >= SEVERITIES.index(before.finding.severity)
            kept = finding if worse or before is None else before.finding
            begun = before.begun if before else snapshot.images
            episodes[key] = Episode(kept, begun, snapshot.images, over=False)
        for key in episodes.keys() - now.keys():
            episodes[key] = dataclasses.replace(episodes[key], over=True)
    return sorted(episodes.values(), key=lambda e: (e.over, -SEVERITIES.index(e.finding.severity)))
