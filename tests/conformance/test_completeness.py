"""Every public name has a case, every constructor argument is set in one, and every name has a test of its own."""

import inspect
import re
import types
from pathlib import Path

import keras
import pytest

import tfgan_tricks as tt
from tests.conformance.cases import CASES, HELPERS, PROTOCOLS
from tfgan_tricks.serialization import Configurable

KINDS = (
    "layers",
    "initializers",
    "losses",
    "penalties",
    "constraints",
    "inputs",
    "latents",
    "schedules",
    "architectures",
)
TESTS = Path(__file__).parents[1]


def public_names(package: types.ModuleType, prefix: str) -> dict:
    """Returns what a package exports, sub-packages included, by its name below `tfgan_tricks`."""
    names = {}
    own = [name for name, found in vars(package).items() if getattr(found, "__module__", None) == package.__name__]
    for name in getattr(package, "__all__", [name for name in own if not name.startswith("_")]):
        found = getattr(package, name)
        if isinstance(found, types.ModuleType):
            names |= public_names(found, f"{prefix}.{name}")
        else:
            names[f"{prefix}.{name}"] = found
    return names


def names_of_kinds() -> dict:
    """Returns the public names that must have a case."""
    names = {}
    for kind in KINDS:
        names |= public_names(getattr(tt, kind), kind)
    settings = public_names(tt.training, "training").items()
    return names | {
        name: found for name, found in settings if inspect.isclass(found) and issubclass(found, Configurable)
    }


NAMES = names_of_kinds()
TRICKS = [name for name in NAMES if name not in PROTOCOLS | HELPERS]
KERAS_ARGUMENTS = {"args", "kwargs", "label_tricks"}  # passed on, or there to be refused


def test_every_public_name_has_a_case():
    missing = set(TRICKS) - {case.name for case in CASES}
    assert not missing, f"add a row for each of these to tests/conformance/cases/: {sorted(missing)}"


def test_every_case_protocol_and_helper_is_a_public_name():
    unknown = ({case.name for case in CASES} | PROTOCOLS | HELPERS) - set(NAMES)
    assert not unknown, f"these are exported no more: {sorted(unknown)}"


def test_no_protocol_hides_a_trick():
    for name in PROTOCOLS:
        assert NAMES[name].__subclasses__(), f"{name} has no subclass, so it is no protocol"


def test_no_helper_hides_a_trick():
    for name in HELPERS:
        assert inspect.isfunction(NAMES[name]), f"{name} is no function, so it needs a case"


def test_no_two_cases_share_an_id():
    identifiers = [case.id for case in CASES]
    assert len(set(identifiers)) == len(identifiers)


@pytest.mark.parametrize("name", TRICKS)
def test_every_argument_is_set_to_another_value_than_its_default(name):
    cases = [case for case in CASES if case.name == name]
    for argument, parameter in inspect.signature(NAMES[name]).parameters.items():
        if argument in KERAS_ARGUMENTS or parameter.kind is parameter.VAR_POSITIONAL:
            continue
        values = [case.arguments[argument] for case in cases if argument in case.arguments]
        assert any(value != parameter.default for value in values), f"no case of {name} sets `{argument}`"


@pytest.mark.parametrize("name", [*TRICKS, *sorted(HELPERS)])
def test_every_trick_is_named_in_a_test_of_its_own_kind(name):
    *kind, trick = name.split(".")
    folder = TESTS.joinpath(*kind)
    sources = [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.py"))]
    named = any(re.search(rf"\b{trick}\b", source) for source in sources)
    assert named, f"no file in {folder.relative_to(TESTS.parent)} tests {trick}"


@pytest.mark.parametrize("name", TRICKS)
def test_every_trick_that_is_saved_is_registered_under_the_package_name(name):
    if inspect.isclass(NAMES[name]):
        assert keras.saving.get_registered_name(NAMES[name]) == f"tfgan_tricks>{NAMES[name].__name__}"


def test_each_public_class_is_saved_under_a_name_of_its_own():
    kinds = (getattr(tt, name) for name in tt.__all__)
    public = {}
    for kind in (kind for kind in kinds if isinstance(kind, types.ModuleType) and hasattr(kind, "__path__")):
        public |= public_names(kind, kind.__name__)
    classes = [found for found in public.values() if inspect.isclass(found)]
    saved = {keras.saving.get_registered_name(found): found for found in classes}
    mistaken = [found for found in classes if saved[keras.saving.get_registered_name(found)] is not found]
    assert not mistaken
    assert len(saved) > 100
