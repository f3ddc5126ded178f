"""The kernels of a network, and whether their scale matters."""

from collections.abc import Iterator
from typing import NamedTuple

import keras
from keras import ops

from tfgan_tricks.layers.conditioning.modulated import Modulated
from tfgan_tricks.layers.normalization.affine_norm import AffineNorm
from tfgan_tricks.layers.normalization.pixel_norm import PixelNorm
from tfgan_tricks.layers.spectral_norm import SpectrallyNormalized
from tfgan_tricks.layers.substituted_kernel import SubstitutedKernel

NORMALISING = (
    keras.layers.BatchNormalization,
    keras.layers.GroupNormalization,
    keras.layers.LayerNormalization,
    AffineNorm,
    Modulated,
    PixelNorm,
)
KEEPING_SCALE = (keras.layers.Reshape, keras.layers.ReLU, keras.layers.LeakyReLU, keras.layers.UpSampling2D)


class Kernel(NamedTuple):
    """A kernel within a network.

    Attributes:
        name: of its layer, with the names of the layers around it.
        layer: that has it.
        scaled: whether a normalisation takes its scale out again, by dividing by it or in what follows.
    """

    name: str
    layer: keras.Layer
    scaled: bool

    def matrix(self):
        """Returns it as the layer uses it, but for the division by its σ, as a float32 matrix [rows, columns]."""
        if isinstance(self.layer, SpectrallyNormalized):
            return ops.cast(self.layer.kernel_matrix(self.layer._full_precision_kernel()), "float32")
        substituted = isinstance(self.layer, SubstitutedKernel)
        kernel = self.layer.substitute(training=False) if substituted else self.layer.kernel.value
        return ops.reshape(ops.cast(kernel, "float32"), (-1, kernel.shape[-1]))


def kernels_of(network: keras.Layer) -> list[Kernel]:
    """Returns the kernels, of two axes or more, of all dense and convolutional layers of a network at any depth."""
    normalised = set(_normalised(network))
    found: dict[str, Kernel] = {}
    for path, layer in _with_kernel(network, "", set()):
        name, repeats = path, 0
        while name in found:
            repeats += 1
            name = f"{path}_{repeats}"
        found[name] = Kernel(name, layer, isinstance(layer, SpectrallyNormalized) or id(layer) in normalised)
    return list(found.values())


def _with_kernel(layer: keras.Layer, path: str, seen: set[int]) -> Iterator[tuple[str, keras.Layer]]:
    if id(layer) in seen:
        return
    seen.add(id(layer))
    whole = isinstance(layer, SpectrallyNormalized | SubstitutedKernel)
    if whole or len(getattr(getattr(layer, "kernel", None), "shape", ())) >= 2:
        yield path or layer.name, layer
    for part in () if whole else layer._flatten_layers(include_self=False, recursive=False):
        yield from _with_kernel(part, f"{path}/{part.name}" if path else part.name, seen)


def _normalised(network: keras.Layer) -> Iterator[int]:
    """Yields the ids of layers whose outputs go into normalisations only, within functional models of any depth."""
    for part in network._flatten_layers():
        model = getattr(part, "_functional", part)  # what a sequential model is inside
        if isinstance(model, keras.src.models.Functional):
            takers: dict[int, list] = {}
            nodes = [node for level in model._nodes_by_depth.values() for node in level]
            for node in nodes:
                for tensor in node.input_tensors:
                    takers.setdefault(id(tensor), []).append(node)
            for node in nodes:
                if _ends_normalised(node, takers):
                    yield id(node.operation)


def _ends_normalised(node, takers: dict[int, list]) -> bool:
    after = [taker for tensor in node.outputs for taker in takers.get(id(tensor), ())]
    return bool(after) and all(
        isinstance(taker.operation, NORMALISING)
        or (isinstance(taker.operation, KEEPING_SCALE) and _ends_normalised(taker, takers))
        for taker in after
    )
