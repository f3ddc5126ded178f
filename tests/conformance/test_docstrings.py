"""What a docstring owes its reader: source, arguments, shapes, cost, neighbours, an example."""

import inspect
import pkgutil
import re
from pathlib import Path

import pytest

import tfgan_tricks as tt
from tests.conformance.cases import HELPERS, PROTOCOLS
from tests.conformance.test_completeness import KINDS, public_names

PACKAGE = Path(tt.__file__).parent
START = ("**Source**", "**Differs from the paper**")
END = ("**Cost**", "**Combines badly with**", "Example:")
CALL, SHAPE_IN, SHAPE_OUT = "Call arguments:", "Input shape:", "Output shape:"
SECTIONS = {
    "layers": (*START, CALL, SHAPE_IN, SHAPE_OUT, *END),
    "initializers": (*START, CALL, SHAPE_OUT, *END),
    "losses": (*START, CALL, SHAPE_OUT, *END),
    "penalties": (*START, CALL, SHAPE_OUT, *END),
    "constraints": (*START, CALL, SHAPE_IN, SHAPE_OUT, *END),
    "inputs": (*START, CALL, SHAPE_IN, SHAPE_OUT, *END),
    "latents": (*START, SHAPE_OUT, *END),
    "schedules": (*START, CALL, SHAPE_OUT, *END),
    "architectures": (*START, "Returns:", *END),
    "tasks": (*START, CALL, SHAPE_IN, SHAPE_OUT, *END),
    "training": (*START, CALL, SHAPE_OUT, *END),
}
ABSTRACT = PROTOCOLS | HELPERS | {"tasks.Task"}


def every_public_name() -> dict:
    """Returns everything that the package exports, by its name below `tfgan_tricks`."""
    names = {}
    for kind in tt.__all__:
        if inspect.ismodule(getattr(tt, kind)):
            names |= public_names(getattr(tt, kind), kind)
    return names


NAMES = every_public_name()
TRICKS = [name for name in NAMES if name.split(".")[0] in SECTIONS and name not in ABSTRACT]


def test_every_kind_has_its_list_of_sections():
    assert set(KINDS) <= set(SECTIONS)


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_says_in_one_line_what_it_is(name):
    first, *rest = inspect.getdoc(NAMES[name]).splitlines()
    assert first.endswith("."), first
    assert len(first) > 10
    assert not rest or rest[0] == ""


@pytest.mark.parametrize("name", TRICKS)
def test_a_trick_has_its_sections_in_order(name):
    text = NAMES[name].__doc__
    places = {section: text.find(section) for section in SECTIONS[name.split(".")[0]]}
    missing = [section for section, place in places.items() if place < 0]
    assert not missing
    assert list(places.values()) == sorted(places.values()), "the sections are out of order"
    assert ">>> " in text[places["Example:"] :]


@pytest.mark.parametrize("name", TRICKS)
def test_a_source_says_who_and_when(name):
    source = re.search(r"\*\*Source\*\*: (.*?)\n\s*\n", NAMES[name].__doc__, re.DOTALL).group(1)
    assert re.search(r"arXiv:\d{4}\.\d{4,5}|\b(19|20)\d\d\b", source), source


@pytest.mark.parametrize("name", TRICKS)
def test_every_argument_is_described(name):
    text = NAMES[name].__doc__
    parameters = inspect.signature(NAMES[name]).parameters.values()
    named = [p.name for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    if named:
        described = re.findall(
            r"^        (\w+): \S", re.split(r"\n    Args:\n", text)[1].split("\n\n")[0], re.MULTILINE
        )
        described = described or re.findall(r"^    (\w+): \S", text.split("Args:\n")[1], re.MULTILINE)
        assert [argument for argument in described if argument in named] == named


def test_every_module_says_what_it_is_and_is_short():
    for module in pkgutil.walk_packages([str(PACKAGE)], "tfgan_tricks."):
        path = PACKAGE.parent.joinpath(*module.name.split("."))
        path = path / "__init__.py" if module.ispkg else path.with_suffix(".py")
        text = path.read_text(encoding="utf-8")
        limit = 300 if path.name == "gan.py" else 200
        assert text.startswith('"""'), f"{path} has no docstring"
        assert text.count("\n") <= limit, f"{path} has more than {limit} lines"
