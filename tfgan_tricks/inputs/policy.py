"""Which augmentations a text such as "color,translation" asks for."""

from collections.abc import Iterable

from tfgan_tricks.checks import check_choice, check_type, explain


def parse_policy(policy: str, choices: Iterable[str]) -> tuple[str, ...]:
    """Returns the names in a text, in its order.

    Raises:
        TypeError, ValueError: unless the text holds some of `choices`, separated by commas, each at most once.
    """
    choices = tuple(choices)
    check_type("policy", policy, str, f'pass names separated by commas: policy="{",".join(choices)}".')
    names = tuple(name.strip() for name in policy.split(","))
    for name in names:
        check_choice("policy", name, choices)
    if len(set(names)) < len(names):
        raise ValueError(
            explain(
                "`policy` names an operation twice.",
                received=f"policy={policy!r}",
                expected=f"some of {', '.join(repr(choice) for choice in choices)}, each at most once",
                fix=f'pass policy="{",".join(dict.fromkeys(names))}".',
            )
        )
    return names
