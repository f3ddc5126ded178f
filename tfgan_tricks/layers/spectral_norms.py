"""The largest singular value of each spectral-normalised kernel of a model."""

from collections.abc import Iterator

import keras
from keras import ops

from tfgan_tricks.layers.spectral_norm import SpectrallyNormalized


def spectral_norms(model: keras.Layer) -> dict:
    """Returns the current estimate of σ of every spectral-normalised layer of a model; moves nothing.

    For logging: the σ of the raw kernels tell how a training goes, where losses do not; one that suddenly grows or
    jumps goes with a collapse. `callbacks.SpectralNorms` logs them during `fit`.

    **Source**: Miyato et al., 2018, arXiv:1802.05957, algorithm 1; followed over training by Brock et al., 2019,
    arXiv:1809.11096, section 4.

    **Differs from the paper**: Brock et al. follow the first three singular values; this is the first.

    Args:
        model: a built model or layer; layers inside of layers are found at any depth.

    Returns:
        Scalars by path, in the model's order, constant to the gradient. The path is the names of the layers from below
        `model` down, joined by "/"; of layers of the same path all but the first get "_1", "_2", ... A layer that is
        used at several places is listed once.

    **Cost**: 2 products of each kernel with a vector.

    **Combines badly with**: layers that were not called in training for long: their ũ, and so the estimate, is behind
    the kernel.

    Example:

    >>> layers = tfgan_tricks.layers.SpectralNormDense(4, name="hidden"), keras.layers.ReLU()
    >>> network = keras.Sequential([keras.Input((3,)), *layers])
    >>> {path: float(sigma) > 0 for path, sigma in tfgan_tricks.layers.spectral_norms(network).items()}
    {'hidden': True}
    """
    found: dict = {}
    for path, layer in _parts(model, "", set()):
        if isinstance(layer, SpectrallyNormalized):
            path, repeats, unique = path or layer.name, 0, path or layer.name
            while unique in found:
                repeats += 1
                unique = f"{path}_{repeats}"
            found[unique] = ops.stop_gradient(layer.spectral_norm())
    return found


def _parts(layer: keras.Layer, path: str, seen: set[int]) -> Iterator[tuple[str, keras.Layer]]:
    """Yields a layer and all within it, each once, with its path."""
    if id(layer) not in seen:
        seen.add(id(layer))
        yield path, layer
        for part in layer._flatten_layers(include_self=False, recursive=False):
            yield from _parts(part, f"{path}/{part.name}" if path else part.name, seen)
