"""The weights of a file, sorted by the layer that owned them, whatever the format."""

import dataclasses
import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

ADDONS_NORMS = ("InstanceNormalization", "GroupNormalization", "FilterResponseNormalization")
ADDONS_WRAPPERS = ("SpectralNormalization", "WeightNormalization")
CLONES = {"data_dep_init": "data_dep_init", "_naked_clone_layer": "data_dep_init"}  # in H5, in a checkpoint


@dataclasses.dataclass
class SavedLayer:
    """The weights of one layer of the file.

    Attributes:
        name: the layer's name, such as "spectral_normalization_1".
        where: its place in the file, for messages.
        weights: arrays by the name within the layer; "sn_u" and the wrapped layer's "kernel" alike.
        class_name: Keras' or tensorflow-addons' name of its class, or "" if the file does not tell.
        config: its settings, or `None` if the file does not tell.
    """

    name: str
    where: str
    weights: dict[str, np.ndarray]
    class_name: str = ""
    config: Mapping[str, Any] | None = None

    def __post_init__(self):
        if not self.class_name and "sn_u" in self.weights:
            self.class_name = "SpectralNormalization"
        elif not self.class_name and {"g", "initialized"} <= set(self.weights):
            self.class_name = "WeightNormalization"
        elif not self.class_name:  # the name that Keras gives a layer of that class
            plain = re.sub(r"_\d+$", "", self.name).replace("_", "")
            self.class_name = next((norm for norm in ADDONS_NORMS if norm.lower() == plain), "")

    def describe(self) -> str:
        """Returns the layer's name, class, weights and shapes in one line."""
        shapes = ", ".join(f"{name} {tuple(array.shape)}" for name, array in self.weights.items())
        return f"{self.name}{f' ({self.class_name})' if self.class_name else ''}: {shapes}"


@dataclasses.dataclass
class SavedFile:
    """All layers of a file that have weights, in the order of the model.

    Attributes:
        path: the file.
        layers: its layers.
        skipped: what else is in the file, and why it is not read.
        parts: what `part` may name.
    """

    path: str
    layers: list[SavedLayer]
    skipped: dict[str, str]
    parts: list[str]


@dataclasses.dataclass(frozen=True)
class Entry:
    """One weight of a file.

    Attributes:
        owner: path of the object that owns the weight.
        name: the weight's own name.
        layer: the owner's name.
        array: the value.
    """

    owner: str
    name: str
    layer: str
    array: np.ndarray


def group(entries: Iterable[Entry], configs: Mapping[str, Mapping] | None = None) -> list[SavedLayer]:
    """Returns the layers that own the weights; what a wrapper of tensorflow-addons wraps counts as part of it.

    Args:
        entries: the weights, in the order of the file.
        configs: name of each layer, and the `class_name` and `config` that Keras saved of it.
    """
    owners: dict[str, dict[str, np.ndarray]] = {}
    names: dict[str, str] = {}
    entries = list(entries)
    wrappers = {entry.owner for entry in entries if entry.name in ("sn_u", "initialized")}
    for entry in entries:
        owner, name = entry.owner, entry.name
        parent, _, last = owner.rpartition("/")
        if parent in wrappers and (last == "layer" or last in CLONES):
            owner, name = parent, f"{CLONES[last]}/{name}" if last in CLONES else name
        owners.setdefault(owner, {})[name] = entry.array
        names.setdefault(owner, entry.layer)
        if owner == entry.owner:
            names[owner] = entry.layer
    return [_layer(names[owner], owner, weights, configs or {}) for owner, weights in owners.items()]


def _layer(name: str, owner: str, weights: dict, configs: Mapping[str, Mapping]) -> SavedLayer:
    if "v" in weights and "g" in weights and "kernel" not in weights:
        weights["kernel"] = weights.pop("v")  # tensorflow-addons has both names for it
    if "w" in weights and "sn_u" in weights and not {"kernel", "embeddings"} & set(weights):
        weights["kernel"] = weights.pop("w")
    found = configs.get(name, {})
    return SavedLayer(
        name=name,
        where=owner,
        weights=weights,
        class_name=str(found.get("class_name", "")).rpartition(">")[2],
        config=found.get("config"),
    )
