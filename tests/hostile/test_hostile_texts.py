"""Texts of a config never run, and end as a component or as a message that says what was wrong."""

import warnings
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.hostile.effort import FEW, MANY
from tests.hostile.texts import CODE, KINDS, is_call, texts
from tfgan_tricks.configuration import build, build_all
from tfgan_tricks.configuration.registry import INNER_KINDS, registry
from tfgan_tricks.evaluation_choices import metrics_of, split_list


def outcome(call: Callable[[], Any]) -> tuple[Any, str]:
    """Returns what a call returns, and the text of its error, one of which there is; other errors pass."""
    try:
        return call(), ""
    except (ValueError, TypeError) as error:
        return None, str(error) or "an error without a text"


def check(text: str, kind: str) -> None:
    """Builds a text; what comes out is of the package's or Keras' own kinds, or an error that explains itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", SyntaxWarning)
        found, message = outcome(lambda: build(text, kind, "config.field"))
    assert "Traceback" not in message
    assert message or is_call(text)
    module = getattr(found, "__module__", type(found).__module__)
    assert message or module.split(".")[0] in ("tfgan_tricks", "keras"), (text, found)


@pytest.mark.parametrize("code", CODE)
@pytest.mark.parametrize("kind", ["penalties", "training"])
def test_code_in_a_text_never_runs(code, kind, tmp_path):
    found, message = outcome(lambda: build(code.format(file=tmp_path / "run"), kind, "config.field"))
    assert found is None
    assert "Received:" in message
    assert not list(tmp_path.iterdir())


@settings(FEW)
@given(texts(), st.sampled_from(KINDS))
@example("R1(gamma='\\d')", "penalties")
@example("R1(gamma=1.0, gamma=2.0)", "penalties")
@example("R1(gamma=" + "9" * 900 + ")", "penalties")
@example("1(2)", "penalties")
@example("R1\udcff()", "penalties")
def test_any_text_is_a_component_or_a_message(text, kind):
    check(text, kind)


@pytest.mark.slow
@settings(MANY)
@given(texts(), st.sampled_from(KINDS))
def test_thousands_of_texts_are_components_or_messages(text, kind):
    check(text, kind)


@settings(FEW)
@given(
    st.none()
    | st.integers()
    | st.text(max_size=5)
    | st.dictionaries(st.text(max_size=3), st.none())
    | st.lists(st.none() | st.integers() | st.binary(max_size=3) | st.sampled_from(("", " ", "R1()", "Hinge")))
)
def test_what_is_no_tuple_of_texts_is_named(value):
    found, message = outcome(lambda: build_all(value, "penalties", "config.terms"))
    if message:
        assert "config.terms" in message
        assert "Fix:" in message
    else:
        assert all(text in ("", " ", "R1()") for text in value)
        assert len(found) == sum(text == "R1()" for text in value)


@settings(FEW)
@given(texts())
def test_any_list_of_metrics_is_known_or_refused(text):
    found, message = outcome(lambda: metrics_of(split_list(text), "--metrics"))
    assert found or "Received:" in message


def test_only_public_components_can_be_named():
    offered = {name: part for kind in {*KINDS, *INNER_KINDS} for name, part in registry(kind).items()}
    assert not [name for name in offered if name.startswith("_")]
    homes = {part.__module__.split(".")[0] for part in offered.values()}
    assert homes == {"tfgan_tricks", "keras"}
