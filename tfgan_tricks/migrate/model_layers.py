"""The layers of a Keras 3 model that own weights, in the model's order."""

import dataclasses
from collections.abc import Iterator

import keras

from tfgan_tricks.checks import explain


@dataclasses.dataclass(frozen=True)
class ModelLayer:
    """A layer of the model, with its weights by their own names; a wrapper's include those of what it wraps.

    Attributes:
        layer: the layer.
        weights: its variables by name.
    """

    layer: keras.Layer
    weights: dict[str, keras.Variable]

    @property
    def name(self) -> str:
        return self.layer.name

    def describe(self) -> str:
        """Returns the layer's name, class, weights and shapes in one line."""
        shapes = ", ".join(f"{name} {tuple(variable.shape)}" for name, variable in self.weights.items())
        return f"{self.name} ({type(self.layer).__name__}): {shapes}"


def model_layers(model: keras.Model) -> list[ModelLayer]:
    """Returns the layers that own weights; raises a `ValueError` if there are none yet."""
    found = list(_owners(model, set()))
    unbuilt = [layer.name for layer in model._flatten_layers(include_self=False) if not layer.built]
    if not found or unbuilt:
        raise ValueError(
            explain(
                "The model lacks weights to load into.",
                received=f"{type(model).__name__} {model.name!r}, not built: {', '.join(unbuilt) or 'the model'}",
                expected="a model whose layers have their weights",
                fix="call it once on a batch of the right shape, or build it from a keras.Input.",
            )
        )
    return found


def _owners(layer: keras.Layer, visited: set[int]) -> Iterator[ModelLayer]:
    if id(layer) in visited:
        return
    visited.add(id(layer))
    inner = layer.layers if isinstance(layer, keras.Model) else layer._flatten_layers(False, recursive=False)
    own = _own_weights(layer)
    wrapped = getattr(layer, "layer", None)
    if own and isinstance(wrapped, keras.Layer):
        visited.add(id(wrapped))
        own = _own_weights(wrapped) | own
    if own:
        yield ModelLayer(layer, own)
    for child in inner:
        yield from _owners(child, visited)


def _own_weights(layer: keras.Layer) -> dict[str, keras.Variable]:
    """Returns the weights that the layer made itself, without those of layers inside it and of seed generators."""
    return {variable.name: variable for variable in [*layer._trainable_variables, *layer._non_trainable_variables]}
