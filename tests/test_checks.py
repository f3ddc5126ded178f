"""Errors in one form: what was received, what was expected, how to fix it."""

import math

import numpy as np
import pytest

from tfgan_tricks.checks import (
    check_choice,
    check_integer,
    check_range,
    check_type,
    explain,
    nearest,
    same_shape,
    suggestion,
)


def test_explain_has_four_lines_in_order():
    text = explain("It is wrong.", received=1, expected="two", fix="add one.")
    assert text == "It is wrong.\n  Received: 1\n  Expected: two\n  Fix: add one."


@pytest.mark.parametrize(
    ("name", "match"),
    [("Hinje", "Hinge"), ("hinge", "Hinge"), ("WasserStein", "Wasserstein"), ("quadratic", None), ("", None)],
)
def test_nearest_name(name, match):
    assert nearest(name, ["Hinge", "Wasserstein"]) == match


def test_suggestion_asks_whether_the_nearest_was_meant():
    assert suggestion("Hinje", ["Hinge"], "see the list.") == "did you mean 'Hinge'?"
    assert suggestion("xyz", ["Hinge"], "see the list.") == "see the list."


def test_choice():
    check_choice("mode", "paired", ["paired", "average"])
    check_choice("kernel", 3, (1, 3, 9))
    with pytest.raises(ValueError, match="Unknown value for `mode`") as caught:
        check_choice("mode", "pairt", ["paired", "average"])
    assert str(caught.value).splitlines()[1:] == [
        "  Received: mode='pairt'",
        "  Expected: one of 'paired', 'average'",
        "  Fix: did you mean 'paired'?",
    ]
    with pytest.raises(ValueError, match="Fix: choose one of 1, 3, 9"):
        check_choice("kernel", 5, (1, 3, 9))


@pytest.mark.parametrize("value", [2, 10**12])
def test_integers_are_accepted(value):
    check_integer("n", value, at_least=2)


@pytest.mark.parametrize("value", [1, -3, 2.0, True, "2", None, math.nan])
def test_other_than_integers_from_the_bound_on_are_refused(value):
    with pytest.raises(ValueError, match=r"`n` must be an integer of at least 2\.") as caught:
        check_integer("n", value, at_least=2)
    assert f"Received: n={value!r}" in str(caught.value)
    assert "Expected: an integer >= 2" in str(caught.value)


@pytest.mark.parametrize(
    ("value", "ends"),
    [
        (0.0, {"low": 0.0}),
        (1, {"high": 1}),
        (0.5, {"low": 0.0, "high": 1.0, "low_open": True, "high_open": True}),
        (-1e9, {}),
        (np.float64(0.5), {"low": 0.0}),
    ],
)
def test_numbers_inside_are_accepted(value, ends):
    check_range("share", value, **ends)


@pytest.mark.parametrize(
    ("value", "ends", "interval"),
    [
        (-0.1, {"low": 0.0, "high": 1.0}, "[0.0, 1.0]"),
        (0.0, {"low": 0.0, "high": 1.0, "low_open": True}, "(0.0, 1.0]"),
        (1.0, {"low": 0.0, "high": 1.0, "high_open": True}, "[0.0, 1.0)"),
        (2, {"high": 1}, "[-inf, 1]"),
        (math.nan, {}, "[-inf, inf]"),
        (True, {}, "[-inf, inf]"),
        ("0.5", {}, "[-inf, inf]"),
        (None, {}, "[-inf, inf]"),
    ],
)
def test_numbers_outside_are_refused_with_the_interval(value, ends, interval):
    with pytest.raises(ValueError, match="`share` is out of range") as caught:
        check_range("share", value, **ends)
    assert f"Received: share={value!r}" in str(caught.value)
    assert f"Expected: a number in {interval}\n" in str(caught.value)


def test_type():
    check_type("task", 3, int, "pass an integer.")
    check_type("task", "x", (int, str), "pass either.")
    with pytest.raises(TypeError, match="`task` has the wrong type") as caught:
        check_type("task", 1.5, (int, str), "pass either.")
    assert str(caught.value).splitlines()[1:] == [
        "  Received: task=1.5 of type float",
        "  Expected: int or str",
        "  Fix: pass either.",
    ]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ((2, 3), (2, 3), True),
        ([None, 3], (2, 3), True),
        ((2, 3), (2, None), True),
        ((2, 3), (3, 2), False),
        ((2, 3), (2, 3, 1), False),
        ((None,), (None, None), False),
        ((), (), True),
    ],
)
def test_shapes_agree_where_both_are_known(one, other, same):
    assert same_shape(one, other) is same
