"""Errors that say what was received, what was expected and how to fix it.

Every refusal of the library goes through `explain`, so that all of them read the same way:

    Unknown loss 'Hinje'.
      Received: 'Hinje'
      Expected: one of Hinge, LeastSquares, Minimax, NonSaturating, Wasserstein
      Fix: did you mean 'Hinge'?
"""

import difflib
from collections.abc import Iterable
from numbers import Integral, Real


def explain(problem: str, *, received: object, expected: object, fix: str) -> str:
    """Returns the text of an error in the one form that the library uses."""
    return f"{problem}\n  Received: {received}\n  Expected: {expected}\n  Fix: {fix}"


def nearest(name: str, choices: Iterable[str]) -> str | None:
    """Returns the choice that `name` most likely was meant to be, or `None` if nothing is near."""
    by_lower_case = {choice.lower(): choice for choice in choices}
    matches = difflib.get_close_matches(str(name).lower(), by_lower_case, n=1, cutoff=0.6)
    return by_lower_case[matches[0]] if matches else None


def suggestion(name: str, choices: Iterable[str], otherwise: str) -> str:
    """Returns a "did you mean" sentence for a misspelt name, or `otherwise` if nothing is near."""
    match = nearest(name, choices)
    return f"did you mean {match!r}?" if match else otherwise


def check_choice(argument: str, value: object, choices: Iterable[object]) -> None:
    """Raises `ValueError` unless `value` is one of `choices`."""
    choices = list(choices)
    if value not in choices:
        names = [str(choice) for choice in choices]
        raise ValueError(
            explain(
                f"Unknown value for `{argument}`.",
                received=f"{argument}={value!r}",
                expected=f"one of {', '.join(repr(choice) for choice in choices)}",
                fix=suggestion(str(value), names, f"choose one of {', '.join(names)}."),
            )
        )


def check_integer(argument: str, value: object, *, at_least: int) -> None:
    """Raises `ValueError` unless `value` is an integer of at least `at_least`."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < at_least:
        raise ValueError(
            explain(
                f"`{argument}` must be an integer of at least {at_least}.",
                received=f"{argument}={value!r}",
                expected=f"an integer >= {at_least}",
                fix=f"pass {argument}={at_least} or more.",
            )
        )


def check_range(
    argument: str,
    value: object,
    *,
    low: float = float("-inf"),
    high: float = float("inf"),
    low_open: bool = False,
    high_open: bool = False,
) -> None:
    """Raises `ValueError` unless `value` is a number between `low` and `high` (ends included unless open)."""
    inside = False
    if isinstance(value, Real) and not isinstance(value, bool):
        number = float(value)
        inside = (low < number if low_open else low <= number) and (number < high if high_open else number <= high)
    if not inside:
        interval = f"{'(' if low_open else '['}{low}, {high}{')' if high_open else ']'}"
        raise ValueError(
            explain(
                f"`{argument}` is out of range.",
                received=f"{argument}={value!r}",
                expected=f"a number in {interval}",
                fix=f"choose {argument} within {interval}.",
            )
        )


def check_type(argument: str, value: object, kind: type | tuple[type, ...], fix: str) -> None:
    """Raises `TypeError` unless `value` is an instance of `kind`."""
    if not isinstance(value, kind):
        kinds = kind if isinstance(kind, tuple) else (kind,)
        raise TypeError(
            explain(
                f"`{argument}` has the wrong type.",
                received=f"{argument}={value!r} of type {type(value).__name__}",
                expected=" or ".join(k.__name__ for k in kinds),
                fix=fix,
            )
        )


def same_shape(one: Iterable[int | None], other: Iterable[int | None]) -> bool:
    """Returns whether two shapes agree, unknown (`None`) dimensions agreeing with all."""
    one, other = tuple(one), tuple(other)
    return len(one) == len(other) and all(a == b or a is None or b is None for a, b in zip(one, other, strict=True))
