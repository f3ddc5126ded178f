"""What detectors look at: the signals of a training, recorded at one moment after another."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

FIRST, LAST = 100, 400  # looks that are kept in memory


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """All signals of one look at a training.

    **Source**: none.

    **Differs from the paper**: no.

    Attributes:
        images: images seen by the generator's player.
        values: numbers by name. The names of the model's logs are means since the look before (or since the epoch
            began, if that was later); `<name>_std` and `<name>_max`, for losses and gradient norms, are taken over
            single steps of that span. Others are what the detectors measured at this moment, by the names that each
            documents; "progress" is the share of the planned steps that are done. What could not be measured is absent.
        notes: texts by name.

    **Cost**: none.

    **Combines badly with**: nothing known.
    """

    images: int
    values: Mapping[str, float] = dataclasses.field(default_factory=dict)
    notes: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Window:
    """Snapshots in the order in which they were taken, and what stays the same.

    **Source**: none.

    **Differs from the paper**: no.

    Attributes:
        snapshots: the oldest first.
        facts: about the training; see `tfgan_tricks.diagnostics.facts`.

    **Cost**: none.

    **Combines badly with**: nothing known.
    """

    snapshots: tuple[Snapshot, ...] = ()
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def images(self) -> int:
        """Returns the images seen at the last look, 0 if there was none."""
        return self.snapshots[-1].images if self.snapshots else 0

    def series(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Returns the images seen and the values of a signal, both float64 [n], of those looks that have it."""
        pairs = [(snapshot.images, snapshot.values[name]) for snapshot in self.snapshots if name in snapshot.values]
        images, values = np.asarray(pairs, "float64").reshape(-1, 2).T
        return images, values

    def values(self, name: str, last: int | None = None) -> np.ndarray:
        """Returns the values of a signal, float64 [n]: of its last so many, all unless given."""
        values = self.series(name)[1]
        return values if last is None else values[max(0, len(values) - last) :]

    def last(self, name: str) -> float | None:
        """Returns a signal at the last look, `None` if that did not measure it."""
        return self.snapshots[-1].values.get(name) if self.snapshots else None

    def names(self, prefix: str) -> list[str]:
        """Returns the signals of the last look whose names begin so."""
        return [name for name in self.snapshots[-1].values if name.startswith(prefix)] if self.snapshots else []

    def note(self, name: str) -> str:
        """Returns a text of the last look, "" if there is none."""
        return self.snapshots[-1].notes.get(name, "") if self.snapshots else ""

    def rate_of(self, player: str) -> float | None:
        """Returns a player's learning rate at the last look that recorded it, or at the beginning; `None` if it has not
        one rate."""
        recorded = self.values(f"rate/{player}", last=1)
        return float(recorded[0]) if len(recorded) else self.facts.get("rates", {}).get(player)

    def player_of(self, network: str) -> str:
        """Returns the player that trains a network, "" if the facts do not say."""
        networks = self.facts.get("networks", {})
        return next((player for player, names in networks.items() if network in names), "")

    def until(self, count: int) -> "Window":
        """Returns what a doctor had in memory after so many looks."""
        return dataclasses.replace(self, snapshots=remembered(self.snapshots[:count]))


def remembered(snapshots: tuple[Snapshot, ...]) -> tuple[Snapshot, ...]:
    """Returns the first 100 and the last 400 snapshots: what a training began with, and where it is."""
    return snapshots if len(snapshots) <= FIRST + LAST else (*snapshots[:FIRST], *snapshots[-LAST:])
