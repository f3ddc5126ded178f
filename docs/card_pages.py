"""Renders cards and their indices as Markdown."""

import inspect
import re
import types
from collections.abc import Mapping
from typing import TYPE_CHECKING

from docstrings import ITEM, methods, signature

if TYPE_CHECKING:
    from generate_cards import Card

FACTS = ("Source", "Differs from the paper", "Cost", "Combines badly with")
SHAPES = ("Input shape", "Output shape")
DETAILS = ("Args", "Attributes", "Class attributes", "Call arguments", *SHAPES, "Returns", "Raises", *FACTS)


def card_page(card: "Card", links: Mapping[str, str]) -> str:
    """Returns the page of one card.

    Args:
        card: what to render.
        links: pages of other names, relative to this page.
    """
    parts = [f"# {card.name}", card.sections[""]]
    if card.is_protocol:
        parts.insert(1, "*A protocol: derive from it to add a trick of this kind.*")
    parts += [_code(signature(f"tfgan_tricks.{card.kind}.{card.name}", card.value)), card.sections["Description"]]
    short = [name for name in (*SHAPES, *FACTS) if name in card.sections and "\n\n" not in card.sections[name]]
    if short:
        parts.append(table(" | ", [f"| **{name}** | {line(card.sections[name], links)} |" for name in short]))
    for name in DETAILS:
        if name in card.sections and name not in short:
            parts += [f"## {name}", _items(card.sections[name])]
    if "Example" in card.sections:
        parts += ["## Example", _example(card.sections["Example"])]
    for call, sections in methods(card.value):
        parts += [f"## {call.partition('(')[0]}", _code(call), sections[""], sections["Description"]]
        parts += [f"**{heading}**:\n\n{_items(sections[heading])}" for heading in DETAILS if heading in sections]
    file = inspect.getmodule(card.value).__name__.replace(".", "/") + ".py"
    return "\n\n".join(part for part in [*parts, f"Code: `{file}`\n"] if part)


def kind_page(kind: str, package: types.ModuleType, cards: "list[Card]", inner: list[str]) -> str:
    """Returns the page of one kind: a table of its cards, and what is inside it."""
    rows = [f"| [`{card.name}`]({card.stem}.md) | {line(card.sections[''])} |" for card in cards]
    body = [table("Name | What it does", rows)] if rows else []
    return "\n\n".join([f"# {kind}", inspect.getdoc(package) or "", *body, toctree([*(c.stem for c in cards), *inner])])


def line(text: str, links: Mapping[str, str] | None = None) -> str:
    """Returns text as one cell of a table, with links to papers and to other cards."""
    text = " ".join(text.split()).replace("|", r"\|")
    text = re.sub(r"arXiv:(\d{4}\.\d{4,5})", r"[arXiv:\1](https://arxiv.org/abs/\1)", text)
    return re.sub(r"`(\w+)`", lambda m: f"[{m[0]}]({links[m[1]]})" if links and m[1] in links else m[0], text)


def table(header: str, rows: list[str]) -> str:
    """Returns a table."""
    return "\n".join([f"| {header} |", "|" + " --- |" * (header.count("|") + 1), *rows])


def toctree(entries: list[str]) -> str:
    """Returns the list that puts pages into the navigation."""
    return "\n".join(["```{toctree}", ":hidden:", "", *entries, "```", ""])


def _items(text: str) -> str:
    """Returns `name: explanation` lines, which may go on indented, as a list; other text as it is."""
    lines = []
    for row in text.splitlines():
        item = ITEM.match(row)
        lines.append(f"- `{item[1].strip('`')}`: {item[2] or ''}" if item else row)
    return "\n".join(lines)


def _example(text: str) -> str:
    """Returns prose as it is and doctests as code."""
    parts = re.split(r"\n\s*\n", text)
    return "\n\n".join(f"```pycon\n{part}\n```" if part.startswith(">>>") else part for part in parts)


def _code(text: str) -> str:
    return f"```python\n{text}\n```"
