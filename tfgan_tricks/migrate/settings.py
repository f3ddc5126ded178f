"""Compares the settings that change a layer's output with those in the file, where the file has them."""

from collections.abc import Mapping
from typing import Any

import keras

from tfgan_tricks import layers
from tfgan_tricks.migrate.saved import ADDONS_NORMS, ADDONS_WRAPPERS, SavedLayer

MUST_AGREE = ("epsilon", "groups", "strides", "padding", "output_padding", "dilation_rate", "data_format")
SHOULD_AGREE = ("power_iterations", "momentum")  # of no effect at inference
ADDONS_EPSILON = 1e-3  # default of InstanceNormalization and GroupNormalization of tensorflow-addons
# What may take the weights of a layer of tensorflow-addons whose class is known by its name or its settings.
COUNTERPARTS = {
    "InstanceNormalization": (layers.InstanceNorm, keras.layers.GroupNormalization),
    "GroupNormalization": (keras.layers.GroupNormalization,),
}


def disagreements(saved: SavedLayer, layer: keras.Layer) -> list[str]:
    """Returns what makes the layer compute something else than the saved one."""
    expected = COUNTERPARTS.get(saved.class_name, (keras.Layer,))
    if not isinstance(layer, expected):
        return [f"a {saved.class_name} needs a {' or a '.join(kind.__name__ for kind in expected)}"]
    theirs, ours = _settings(saved.config), _settings(layer.get_config())
    if saved.class_name == "InstanceNormalization":
        theirs = {name: value for name, value in theirs.items() if name != "groups"}  # as many as channels
        if isinstance(layer, keras.layers.GroupNormalization) and layer.groups not in (-1, _channels(saved)):
            return [f"groups={layer.groups!r} here, one for each channel there: pass groups=-1"]
    found = [
        f"{name}={_plain(ours[name])!r} here, {_plain(theirs[name])!r} there"
        for name in MUST_AGREE
        if name in ours and name in theirs and _plain(ours[name]) != _plain(theirs[name])
    ]
    if saved.class_name in ADDONS_NORMS and theirs.get("axis", -1) == 1 and ours.get("axis", -1) != 1:
        found.append("axis=-1 here, 1 there: it was trained with channels first")
    if _activation(theirs) and _activation(ours) and not _same_activation(theirs, ours):
        found.append(f"activation={_activation(ours)!r} here, {_activation(theirs)!r} there")
    return found


def remarks(saved: SavedLayer, layer: keras.Layer) -> list[str]:
    """Returns what a reader should know that keeps no weight from being loaded."""
    if saved.config is None:
        is_norm = saved.class_name in COUNTERPARTS or isinstance(layer, COUNTERPARTS["InstanceNormalization"])
        if not is_norm or layer.epsilon == ADDONS_EPSILON:
            return []
        return [
            f"{layer.name}: the file does not tell its epsilon; the default of tensorflow-addons is "
            f"{ADDONS_EPSILON}, here it is {layer.epsilon}"
        ]
    theirs, ours = _settings(saved.config), _settings(layer.get_config())
    if saved.class_name in ADDONS_WRAPPERS:
        theirs = {**theirs, **{name: saved.config[name] for name in SHOULD_AGREE if name in saved.config}}
    found = [
        f"{layer.name}: {name} is {ours[name]!r} here and was {theirs[name]!r}"
        for name in SHOULD_AGREE
        if name in ours and name in theirs and ours[name] != theirs[name]
    ]
    activation = theirs.get("activation")
    if activation is not None and not _activation(theirs):
        found.append(f"{layer.name}: its activation was {activation!r}; it was not compared")
    return found


def _settings(config: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Returns the settings of a layer, or of the layer inside a wrapper together with the wrapper's."""
    config = config or {}
    inner = config.get("layer")
    return {**inner["config"], **config} if isinstance(inner, Mapping) and "config" in inner else config


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _channels(saved: SavedLayer) -> int:
    return next(iter(saved.weights.values())).shape[-1]


def _activation(settings: Mapping[str, Any]) -> str:
    """Returns the name of a built-in activation, or "" for any other."""
    name = settings.get("activation")
    return name if isinstance(name, str) and ">" not in name and hasattr(keras.activations, name) else ""


def _same_activation(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return keras.activations.get(_activation(one)) is keras.activations.get(_activation(other))
