"""Writes a card for each public name of the package, from its docstring, below docs/tricks/.

`__all__` of each kind's package says what is public. The build of the documentation calls `write`; the tests call
`cards` and hold every card to the sections that it owes its reader.
"""

import dataclasses
import inspect
import re
import shutil
import types
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import tfgan_tricks

ROOT = Path(__file__).parent
BOLD = re.compile(r"^\*\*([A-Z][^*]*)\*\*:[ ]*(.*)$")
HEADINGS = r"Args|Attributes|Class attributes|Call arguments|Input shape|Output shape|Returns|Raises|Example"
PLAIN = re.compile(rf"^({HEADINGS})s?\b.*?:[ ]*")
ITEM = re.compile(r"^([*\w.`/, ]+?):(?:\s+(.*))?$")
FACTS = ("Source", "Differs from the paper", "Cost", "Combines badly with")
SHAPES = ("Input shape", "Output shape")
DETAILS = ("Args", "Attributes", "Class attributes", "Call arguments", *SHAPES, "Returns", "Raises")


@dataclasses.dataclass(frozen=True)
class Card:
    """One public name, with the sections of its docstring."""

    kind: str  # "losses.adversarial"
    name: str  # "Hinge"
    value: Any
    stem: str  # "hinge": the file's name in docs/tricks/<kind>/
    sections: dict[str, str]  # "" is the first line, "Description" the prose up to the first section

    @property
    def path(self) -> PurePosixPath:
        return PurePosixPath(*self.kind.split("."), self.stem)

    @property
    def is_protocol(self) -> bool:
        """Whether it is a base class to implement, not a trick: the docstring of its file says so."""
        return (inspect.getmodule(self.value).__doc__ or "").startswith("The protocol of ")

    @property
    def signature(self) -> str:
        parameters = [p.replace(annotation=p.empty) for p in inspect.signature(self.value).parameters.values()]
        return f"tfgan_tricks.{self.kind}.{self.name}{inspect.Signature(parameters)}"


def kinds(package: types.ModuleType = tfgan_tricks) -> Iterator[tuple[str, types.ModuleType]]:
    """Yields the name (below `tfgan_tricks`) and the package of each kind, outer ones first."""
    for name in package.__all__:
        value = getattr(package, name, None)
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


def sections(docstring: str) -> dict[str, str]:
    """Splits a docstring at its headings: `**Source**: ...` and `Args:`."""
    first, *rest = inspect.cleandoc(docstring).split("\n")
    found: dict[str, list[str]] = {"": [first], "Description": []}
    current = "Description"
    for line in rest:
        bold, plain = BOLD.match(line), PLAIN.match(line)
        if bold:
            current, line = bold[1], bold[2]
        elif plain:
            current, line = plain[1], line[plain.end() :]
        found.setdefault(current, []).append(line)
    return {name: inspect.cleandoc("\n" + "\n".join(lines)).strip() for name, lines in found.items()}


def arguments(card: Card) -> set[str]:
    """Returns the names that the docstring's `Args` explain."""
    lines = card.sections.get("Args", "").splitlines()
    names = ",".join(item[1] for item in map(ITEM.match, lines) if item)
    return {name.strip(" `*") for name in re.split(r"[,/]", names) if name}


def write(destination: Path = ROOT / "tricks") -> None:
    """Writes all cards and their indices anew."""
    shutil.rmtree(destination, ignore_errors=True)
    by_kind = {kind: (package, cards(kind, package)) for kind, package in kinds()}
    links = {card.name: card.path for _, group in by_kind.values() for card in group}
    for kind, (package, group) in by_kind.items():
        folder = destination.joinpath(*kind.split("."))
        folder.mkdir(parents=True)
        inner = [f"{other.rpartition('.')[2]}/index" for other in by_kind if other.rpartition(".")[0] == kind]
        (folder / "index.md").write_text(render_index(kind, package, group, inner), encoding="utf-8")
        for card in group:
            (folder / f"{card.stem}.md").write_text(render(card, links), encoding="utf-8")
    rows = [
        f"| [{kind}]({kind.replace('.', '/')}/index.md) | {len(group)} | {_line(inspect.getdoc(package) or '')} |"
        for kind, (package, group) in by_kind.items()
    ]
    outer = [f"{kind}/index" for kind in by_kind if "." not in kind]
    text = ["# Tricks", "One card for each public name, made from its docstring.", _table("Kind | Names | What", rows)]
    (destination / "index.md").write_text("\n\n".join([*text, _toctree(outer)]), encoding="utf-8")


def render_index(kind: str, package: types.ModuleType, group: list[Card], inner: list[str]) -> str:
    """Returns the page of one kind: a table of its cards."""
    rows = [f"| [`{card.name}`]({card.stem}.md) | {_line(card.sections[''])} |" for card in group]
    body = [_table("Name | What it does", rows)] if rows else []
    toctree = _toctree([*(card.stem for card in group), *inner])
    return "\n\n".join([f"# {kind}", inspect.getdoc(package) or "", *body, toctree])


def render(card: Card, links: dict[str, PurePosixPath]) -> str:
    """Returns the page of one card."""
    home = "../" * len(card.kind.split("."))
    others = {name: f"{home}{path}.md" for name, path in links.items() if name != card.name}
    short = [name for name in (*SHAPES, *FACTS) if name in card.sections and "\n\n" not in card.sections[name]]
    facts = [f"| **{name}** | {_line(card.sections[name], others)} |" for name in short]
    parts = [f"# {card.name}", card.sections[""], f"```python\n{card.signature}\n```", card.sections["Description"]]
    if card.is_protocol:
        parts.insert(1, "*A protocol: derive from it to add a trick of this kind.*")
    parts += [_table(" | ", facts)] if facts else []
    for name in (*DETAILS, *FACTS):
        if name in card.sections and name not in short:
            parts += [f"## {name}", _items(card.sections[name])]
    if "Example" in card.sections:
        parts += ["## Example", _example(card.sections["Example"])]
    file = inspect.getmodule(card.value).__name__.replace(".", "/") + ".py"
    return "\n\n".join([*parts, f"Code: `{file}`\n"])


def _line(text: str, links: dict[str, str] | None = None) -> str:
    """Returns text as one cell of a table, with links to papers and to other cards."""
    text = " ".join(text.split()).replace("|", r"\|")
    text = re.sub(r"arXiv:(\d{4}\.\d{4,5})", r"[arXiv:\1](https://arxiv.org/abs/\1)", text)
    return re.sub(r"`(\w+)`", lambda m: f"[{m[0]}]({links[m[1]]})" if links and m[1] in links else m[0], text)


def _table(header: str, rows: list[str]) -> str:
    return "\n".join([f"| {header} |", "|" + " --- |" * (header.count("|") + 1), *rows])


def _toctree(entries: list[str]) -> str:
    return "\n".join(["```{toctree}", ":hidden:", "", *entries, "```", ""])


def _items(text: str) -> str:
    """Returns `name: explanation` lines, which may go on indented, as a list; other text as it is."""
    lines = []
    for line in text.splitlines():
        item = ITEM.match(line)
        lines.append(f"- `{item[1].strip('`')}`: {item[2] or ''}" if item else line)
    return "\n".join(lines)


def _example(text: str) -> str:
    """Returns prose as it is and doctests as code."""
    parts = re.split(r"\n\s*\n", text)
    return "\n\n".join(f"```pycon\n{part}\n```" if part.startswith(">>>") else part for part in parts)
