"""Writes a card for each public name of the package, from its docstring, below docs/tricks/.

`__all__` of each kind's package says what is public. The build of the documentation calls `write`; the tests call
`cards` and hold every card to the sections that it owes its reader.
"""

import dataclasses
import inspect
import shutil
import types
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from card_pages import card_page, kind_page, line, table, toctree
from docstrings import sections

import tfgan_tricks

ROOT = Path(__file__).parent


@dataclasses.dataclass(frozen=True)
class Card:
    """One public name, with the sections of its docstring."""

    kind: str  # "losses.adversarial"
    name: str  # "Hinge"
    value: Any
    stem: str  # "hinge": the file's name in docs/tricks/<kind>/
    sections: dict[str, str]

    @property
    def path(self) -> PurePosixPath:
        return PurePosixPath(*self.kind.split("."), self.stem)

    @property
    def is_protocol(self) -> bool:
        """Whether it is a base class to implement, not a trick: the docstring of its file says so."""
        return (inspect.getmodule(self.value).__doc__ or "").startswith("The protocol of ")


def kinds(package: types.ModuleType = tfgan_tricks) -> Iterator[tuple[str, types.ModuleType]]:
    """Yields the name (below `tfgan_tricks`) and the package of each kind, outer ones first."""
    for name in package.__all__:
        value = getattr(package, name)
        if inspect.ismodule(value) and hasattr(value, "__path__"):
            yield value.__name__.removeprefix("tfgan_tricks."), value
            yield from kinds(value)


def cards(kind: str, package: types.ModuleType) -> list[Card]:
    """Returns the cards of one kind, in the order of their names."""
    public = {name: getattr(package, name) for name in package.__all__}
    values = {name: value for name, value in public.items() if not inspect.ismodule(value)}
    files = [inspect.getmodule(value).__name__ for value in values.values()]
    return [
        Card(kind, name, value, _stem(name, inspect.getmodule(value).__name__, files), sections(value.__doc__ or ""))
        for name, value in sorted(values.items(), key=lambda item: item[0].lower())
    ]


def _stem(name: str, file: str, files: list[str]) -> str:
    """Returns the name of the trick's file in the package, or its own where several share a file."""
    return file.rpartition(".")[2] if files.count(file) == 1 else name.lower()


def write(destination: Path = ROOT / "tricks") -> None:
    """Writes all cards and their indices anew."""
    shutil.rmtree(destination, ignore_errors=True)
    by_kind = {kind: (package, cards(kind, package)) for kind, package in kinds()}
    paths = {card.name: card.path for _, group in by_kind.values() for card in group}
    for kind, (package, group) in by_kind.items():
        folder = destination.joinpath(*kind.split("."))
        folder.mkdir(parents=True)
        inner = [f"{other.rpartition('.')[2]}/index" for other in by_kind if other.rpartition(".")[0] == kind]
        (folder / "index.md").write_text(kind_page(kind, package, group, inner), encoding="utf-8")
        home = "../" * len(kind.split("."))
        for card in group:
            links = {name: f"{home}{path}.md" for name, path in paths.items() if name != card.name}
            (folder / f"{card.stem}.md").write_text(card_page(card, links), encoding="utf-8")
    rows = [
        f"| [{kind}]({kind.replace('.', '/')}/index.md) | {len(group)} | {line(inspect.getdoc(package) or '')} |"
        for kind, (package, group) in by_kind.items()
    ]
    text = ["# Tricks", "One card for each public name, made from its docstring.", table("Kind | Names | What", rows)]
    outer = [f"{kind}/index" for kind in by_kind if "." not in kind]
    (destination / "index.md").write_text("\n\n".join([*text, toctree(outer)]), encoding="utf-8")
