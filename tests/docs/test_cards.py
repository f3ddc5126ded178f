"""Every public name has a docstring with the sections that a reference implementation owes its reader, and a card."""

import dataclasses
import inspect
import re
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
sys.path.insert(0, str(DOCS))

import card_pages  # noqa: E402
import docstrings  # noqa: E402
import generate_cards  # noqa: E402

# What no paper describes: these owe their reader an explanation and an example, not a source.
INFRASTRUCTURE = {"callbacks", "configuration", "data", "distribution", "export", "migrate"}
CARDS = [card for kind, package in generate_cards.kinds() for card in generate_cards.cards(kind, package)]


@pytest.mark.parametrize("card", CARDS, ids=lambda card: f"{card.kind}.{card.name}")
def test_docstring_is_complete(card):
    owed = [] if card.is_protocol or dataclasses.is_dataclass(card.value) else ["Example"]
    if not card.is_protocol and card.kind not in INFRASTRUCTURE:
        owed += card_pages.FACTS
    missing = [name for name in ["", *owed] if not card.sections.get(name)]
    assert not missing, f"{card.kind}.{card.name} lacks {missing}"
    assert card.sections[""].endswith("."), "the first line is a sentence"
    assert ">>>" in card.sections.get("Example", ">>>"), "an example runs"


@pytest.mark.parametrize("card", CARDS, ids=lambda card: f"{card.kind}.{card.name}")
def test_docstring_explains_exactly_the_arguments_there_are(card):
    parameters = inspect.signature(card.value).parameters
    named = {name for name, p in parameters.items() if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)}
    passed_on = {name for name, p in parameters.items() if p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL)}
    explained = docstrings.arguments(card.sections, "Attributes" if dataclasses.is_dataclass(card.value) else "Args")
    assert named <= explained
    if not passed_on:
        assert explained <= named


def test_each_name_has_a_card_and_every_link_leads_somewhere(tmp_path):
    generate_cards.write(tmp_path / "tricks")
    pages = [tmp_path / "tricks" / f"{card.path}.md" for card in CARDS]
    assert len(set(pages)) == len(pages)
    for card, page in zip(CARDS, pages, strict=True):
        assert page.read_text(encoding="utf-8").startswith(f"# {card.name}\n")
    for page in (tmp_path / "tricks").rglob("*.md"):
        prose = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        for target in re.findall(r"\]\((?!https:)([^)]+)\)", prose):
            assert (page.parent / target).exists(), f"{page} links to {target}"


def test_kinds_are_found_at_every_depth():
    found = [kind for kind, _ in generate_cards.kinds()]
    assert {"latents", "losses", "losses.adversarial", "training"} <= set(found)
    assert not any(kind.startswith("tfgan_tricks") for kind in found)


def test_docstring_is_split_at_its_headings():
    text = """Does one thing: the first line.

    Why: because
    of this. See `Other`.

    **Source**: Author, 2020,
    arXiv:2001.00001, equation 1.

    Args:
        rate: a number: at least 0,
            and below 1.
        low, high: ends.
        **kwargs: the rest.

    Attributes, once built:
        kernel: raw.

    Output shape: `(n, dim)`.

    Example:

    >>> 1 + 1
    2
    """
    sections = docstrings.sections(text)
    assert sections == {
        "": "Does one thing: the first line.",
        "Description": "Why: because\nof this. See `Other`.",
        "Source": "Author, 2020,\narXiv:2001.00001, equation 1.",
        "Args": "rate: a number: at least 0,\n    and below 1.\nlow, high: ends.\n**kwargs: the rest.",
        "Attributes": "kernel: raw.",
        "Output shape": "`(n, dim)`.",
        "Example": ">>> 1 + 1\n2",
    }
    assert docstrings.arguments(sections) == {"rate", "low", "high", "kwargs"}
