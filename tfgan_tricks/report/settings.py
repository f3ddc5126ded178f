"""The config as a table: every field, what it would be by default, and whether it differs."""

import dataclasses
import json
from typing import Any

from tfgan_tricks.configuration.fields import default_config


@dataclasses.dataclass(frozen=True)
class Setting:
    """A field of the config.

    Attributes:
        name: dotted.
        value: as in config.json.
        default: as in this version of the library, `None` if it has no such field.
    """

    name: str
    value: str
    default: str | None

    @property
    def changed(self) -> bool:
        """Whether it differs from the default."""
        return self.value != self.default


def settings(config: dict[str, Any]) -> list[Setting]:
    """Returns all fields by name, those that the library does not know last."""
    default = _flat(json.loads(json.dumps(default_config().to_dict())))
    given = _flat(config)
    names = [*(name for name in default if name in given), *(name for name in given if name not in default)]
    return [Setting(name, given[name], default.get(name)) for name in names]


def _flat(values: dict[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, dict) and value:
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = json.dumps(value, ensure_ascii=False)
    return flat
