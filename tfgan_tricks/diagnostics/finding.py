"""What a detector says: what is wrong, how it knows, and what to try."""

import dataclasses
from collections.abc import Iterable
from typing import Any

from tfgan_tricks.checks import check_choice

SEVERITIES = ("note", "warning", "serious")


@dataclasses.dataclass(frozen=True)
class Remedy:
    """One thing to try against a finding.

    **Source**: none.

    **Differs from the paper**: no.

    Attributes:
        text: what to do, one sentence.
        config: the config line that does it, such as "--config.critic_steps=2"; "" if no config can.

    **Cost**: none.

    **Combines badly with**: nothing known.
    """

    text: str
    config: str = ""

    def __str__(self) -> str:
        return f"{self.text}  {self.config}".rstrip()


@dataclasses.dataclass(frozen=True)
class Finding:
    """What a detector found in a window of signals.

    **Source**: none.

    **Differs from the paper**: no.

    Attributes:
        name: of the failure, in lower case, such as "mode_collapse".
        severity: "note" (worth knowing), "warning" (will probably harm) or "serious" (training is failing).
        evidence: what was seen, sentences with numbers and images seen.
        meaning: what that says about the training, in plain words.
        remedies: the tricks that answer it.
        source: who described it.
        player: whom it is about, "generator", "discriminator", or "" for both or neither; actions ask for it.

    **Cost**: none.

    **Combines badly with**: nothing known.
    """

    name: str
    severity: str
    evidence: tuple[str, ...]
    meaning: str
    remedies: tuple[Remedy, ...]
    source: str
    player: str = ""

    def __post_init__(self):
        check_choice("severity", self.severity, SEVERITIES)

    def as_dict(self) -> dict[str, Any]:
        """Returns all of it in types that JSON has."""
        found = dataclasses.asdict(self)
        return {**found, "evidence": list(self.evidence), "remedies": [*found["remedies"]]}

    def __str__(self) -> str:
        lines = [f"{self.severity.upper()}: {self.name.replace('_', ' ')}", *self.evidence, self.meaning]
        tries = [f"Try: {remedy}" for remedy in self.remedies]
        return "\n  ".join([*lines, *tries, f"Source: {self.source}"])


def worst(findings) -> str:
    """Returns the highest severity among findings, "" if there are none."""
    return max((finding.severity for finding in findings), key=SEVERITIES.index, default="")


def news(before: Iterable[Finding], now: Iterable[Finding]) -> list[Finding]:
    """Returns those findings that were not there before, or not as severe."""
    known = {(finding.name, finding.player): SEVERITIES.index(finding.severity) for finding in before}
    return [f for f in now if SEVERITIES.index(f.severity) > known.get((f.name, f.player), -1)]
