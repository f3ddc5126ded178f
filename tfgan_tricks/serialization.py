"""Plain objects that Keras can save: constructor arguments are kept under their own names.

Losses, terms, priors and schedules are not layers, they are settings with a formula. `Configurable` gives them
the `get_config` / `from_config` pair that `.keras` files need, a readable `repr` and equality, from one rule:
**every constructor argument is stored as an attribute of the same name**. The conformance table holds each class
to that rule with non-default values.
"""

import inspect
from typing import Any

import keras


class Configurable:
    """Base of everything that is saved by its constructor arguments alone."""

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor arguments, nested objects serialised."""
        return {name: keras.saving.serialize_keras_object(value) for name, value in self._arguments().items()}

    @classmethod
    def from_config(cls, config: dict[str, Any]):
        """Returns the object that `get_config` described."""
        return cls(**{name: _deserialize(value) for name, value in config.items()})

    def _arguments(self) -> dict[str, Any]:
        parameters = inspect.signature(type(self)).parameters.values()
        return {p.name: getattr(self, p.name) for p in parameters if p.kind is not p.VAR_KEYWORD}

    def __repr__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in self._arguments().items())
        return f"{type(self).__name__}({arguments})"

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._arguments() == other._arguments()  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash(repr(self))  # an argument may be a list


def _deserialize(value: Any) -> Any:
    if isinstance(value, dict) and "class_name" in value:
        return keras.saving.deserialize_keras_object(value)
    if isinstance(value, dict):
        return {name: _deserialize(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_deserialize(item) for item in value)
    return value
