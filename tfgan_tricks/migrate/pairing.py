"""Decides which saved layer belongs to which layer of the model."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from tfgan_tricks.checks import explain, suggestion
from tfgan_tricks.migrate.model_layers import ModelLayer
from tfgan_tricks.migrate.saved import SavedFile, SavedLayer


def pair(
    file: SavedFile, targets: Sequence[ModelLayer], names: Mapping[str, str]
) -> list[tuple[SavedLayer, ModelLayer]]:
    """Returns pairs: first those in `names`, then the others by their order.

    Args:
        file: what was saved.
        targets: layers of the model.
        names: names of saved layers, and of the model's layers that get their weights.
    """
    named = [(_find(old, file.layers, "file"), _find(new, targets, "model")) for old, new in names.items()]
    saved = [layer for layer in file.layers if all(layer is not one for one, _ in named)]
    free = [layer for layer in targets if all(layer is not other for _, other in named)]
    if len(saved) != len(free) or len({id(other) for _, other in named}) != len(named):
        raise _unpaired(file, saved, free)
    old_names, new_names = [layer.name for layer in saved], [layer.name for layer in free]
    if old_names != new_names and sorted(old_names) == sorted(new_names):
        raise ValueError(
            explain(
                "File and model have the same names of layers in another order; either could be meant.",
                received=f"file: {', '.join(old_names)}; model: {', '.join(new_names)}",
                expected="other names, or the same order",
                fix="say which belong together: names={name: name} for each, to go by name.",
            )
        )
    return named + list(zip(saved, free, strict=True))


def _find(name: str, layers: Sequence, place: str):
    found = [layer for layer in layers if layer.name == name]
    if len(found) != 1:
        known = [layer.name for layer in layers]
        raise ValueError(
            explain(
                f"`names` must name single layers with weights; the {place} has {len(found) or 'no'} {name!r}.",
                received=f"names={{... {name!r} ...}}",
                expected=f"one of {', '.join(known)}",
                fix=suggestion(name, known, "take the names from this list."),
            )
        )
    return found[0]


def _unpaired(file: SavedFile, saved: Sequence[SavedLayer], free: Sequence[ModelLayer]) -> ValueError:
    rows = [
        f"{one.describe() if one else '(nothing)'}  ->  {other.describe() if other else '(nothing)'}"
        for one, other in zip_longest(saved, free)
    ]
    return ValueError(
        explain(
            "File and model differ in their number of layers with weights; nothing was loaded.",
            received=f"{len(saved)} layers in {file.path}, {len(free)} in the model:\n    " + "\n    ".join(rows),
            expected="one layer of the model for each layer of the file",
            fix="change the layers of the model; or, if the file holds more than this model, name what to read with "
            f"`part`: {', '.join(file.parts)}.",
        )
    )
