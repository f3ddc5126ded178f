"""`tfgan-tricks list`."""

import inspect

from absl import flags

from tfgan_tricks.configuration.registry import KINDS, registry


def define(values: flags.FlagValues, argv) -> None:
    """This command has no flags of its own."""


def main(values: flags.FlagValues, positional: list[str]) -> None:
    """Lists components with one line about each: [KIND ...], all kinds unless given."""
    for kind in positional or [kind for kind in KINDS if "." not in kind]:
        parts = {name: registry(k)[name] for k in (kind, *_inside(kind)) for name in registry(k)}
        if parts:
            print(f"{kind}")
            print("\n".join(f"  {name:32s}{_summary(part)}" for name, part in sorted(parts.items())))


def _inside(kind: str) -> list[str]:
    return [other for other in KINDS if other.startswith(f"{kind}.")]


def _summary(part: object) -> str:
    return (inspect.getdoc(part) or "").split("\n\n")[0].replace("\n", " ")
