"""Reads the H5 files of Keras 2: `model.save_weights("x.h5")` and `model.save("x.h5")`."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import h5py
import numpy as np

from tfgan_tricks.checks import explain, suggestion
from tfgan_tricks.migrate.saved import Entry, SavedFile, group


def read_h5(path: str | Path, part: str = "") -> SavedFile:
    """Returns the weights of a file by layer.

    Args:
        path: an H5 file.
        part: a layer or nested model of the saved model, if only that is to be read.
    """
    with h5py.File(path, "r") as file:
        root = file.get("model_weights", file)
        if not _attribute(root, "layer_names"):
            raise _unknown_layout(path, file)
        names = _attribute(root, "layer_names")
        if part and part not in names:
            raise ValueError(
                explain(
                    f"The file has no part {part!r}.",
                    received=f"part={part!r}",
                    expected=f"one of {', '.join(names)}",
                    fix=suggestion(part, names, "leave `part` out to read all layers."),
                )
            )
        chosen = [part] if part else names
        entries = [entry for name in chosen for entry in _entries(root[name], name)]
        skipped = {name: "not the part that was asked for" for name in names if part and name != part}
        extra = _attribute(root["top_level_model_weights"], "weight_names") if "top_level_model_weights" in root else []
        entries += list(_entries(root["top_level_model_weights"], "top_level_model_weights")) if extra else []
        if "optimizer_weights" in file:
            skipped["optimizer_weights"] = "state of the optimizer; Keras 3 has other optimizers"
        configs = _configs(json.loads(_text(file.attrs["model_config"]))) if "model_config" in file.attrs else {}
        parts = [name for name in names if _attribute(root[name], "weight_names")]
        return SavedFile(str(path), group(entries, configs), skipped, parts)


def _entries(folder: h5py.Group, layer: str) -> Iterator[Entry]:
    for name in _attribute(folder, "weight_names"):
        owner, _, weight = name.rpartition("/")
        plain = owner.removesuffix("/data_dep_init").rpartition("/")[2]
        yield Entry(f"{layer}/{owner}", weight.partition(":")[0], plain or layer, np.asarray(folder[name]))


def _attribute(folder: h5py.Group, name: str) -> list[str]:
    """Returns a list of names; Keras cuts long ones into name0, name1, ..."""
    if name in folder.attrs:
        return [_text(value) for value in folder.attrs[name]]
    parts: list[list[str]] = []
    while f"{name}{len(parts)}" in folder.attrs:
        parts.append([_text(value) for value in folder.attrs[f"{name}{len(parts)}"]])
    return [value for part in parts for value in part]


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _configs(layer: Mapping) -> dict[str, Mapping]:
    """Returns class and settings of every layer of a saved model by name, those of nested models included."""
    found: dict[str, Mapping] = {}
    twice = set()
    for inner in layer.get("config", {}).get("layers", []):
        name = inner["config"].get("name", inner.get("name"))
        for key, value in {name: inner, **_configs(inner)}.items():
            twice |= {key} & set(found)
            found[key] = value
    return {name: value for name, value in found.items() if name not in twice}


def _unknown_layout(path: str | Path, file: h5py.File) -> ValueError:
    keras3 = "layers" in file or "_layer_checkpoint_dependencies" in file
    return ValueError(
        explain(
            "This H5 file has no list of layers.",
            received=f"{path}, with {', '.join(sorted(file)) or 'nothing'} in it"
            + (": the newer layout, without names of weights" if keras3 else ""),
            expected='a file by Keras 2: model.save_weights("weights.h5") or model.save("model.h5")',
            fix='load it where it was saved, and call model.save_weights("weights.h5") there, not "*.weights.h5".'
            if keras3
            else "check the path.",
        )
    )
