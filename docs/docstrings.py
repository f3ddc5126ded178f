"""Reads docstrings in the form that CONTRIBUTING.md asks for."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

BOLD = re.compile(r"^\*\*([A-Z][^*]*)\*\*:[ ]*(.*)$")
HEADINGS = r"Args|Attributes|Class attributes|Call arguments|Input shape|Output shape|Returns|Raises|Example"
PLAIN = re.compile(rf"^({HEADINGS})s?\b.*?:[ ]*")
ITEM = re.compile(r"^([*\w.`/, ]+?):(?:\s+(.*))?$")


def sections(docstring: str) -> dict[str, str]:
    """Splits a docstring at its headings: `**Source**: ...` and `Args:`.

    Returns:
        texts by heading; "" is the first line, "Description" the prose up to the first heading.
    """
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


def arguments(parts: dict[str, str], heading: str = "Args") -> set[str]:
    """Returns the names that a section explains."""
    lines = parts.get(heading, "").splitlines()
    names = ",".join(item[1] for item in map(ITEM.match, lines) if item)
    return {name.strip(" `*") for name in re.split(r"[,/]", names) if name}


def signature(name: str, value: Any) -> str:
    """Returns a call with names and defaults, without types."""
    parameters = [p.replace(annotation=p.empty) for p in inspect.signature(value).parameters.values()]
    return f"{name}{inspect.Signature([p for p in parameters if p.name not in ('self', 'cls')])}"


def methods(value: Any) -> Iterator[tuple[str, dict[str, str]]]:
    """Yields the signature and the sections of each public method and property that a class documents itself."""
    for name, member in vars(value).items() if inspect.isclass(value) else ():
        function = getattr(member, "__func__", None) or getattr(member, "fget", None) or member
        if inspect.isfunction(function) and function.__doc__ and (not name.startswith("_") or name == "__call__"):
            yield name if isinstance(member, property) else signature(name, function), sections(function.__doc__)
