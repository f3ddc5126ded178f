"""The weights of a network as matrices, for penalties on weights."""

import math
from collections.abc import Iterable

import keras
from keras import ops

from tfgan_tricks.layers.kernel_lookup import output_axes

Kernel = tuple[keras.Variable, tuple[int, ...]]


def kernels_of(networks: Iterable[keras.Model]) -> list[Kernel]:
    """Returns each trainable kernel once, with the axes that tell its outputs apart.

    Kernels are weights called "kernel" of rank 2 or more, those of dense layers and convolutions; embeddings, biases
    and the scales of normalisation layers are none.
    """
    found: dict[int, Kernel] = {}
    for network in networks:
        for weight in network.trainable_variables:
            if weight.name == "kernel" and len(weight.shape) >= 2:
                found[id(weight)] = (weight, output_axes(network, weight))
    return list(found.values())


def as_matrix(kernel, axes: tuple[int, ...]):
    """Returns a kernel as a float32 matrix [inputs · positions, outputs]."""
    rest = [axis for axis in range(len(kernel.shape)) if axis not in axes]
    outputs = math.prod(kernel.shape[axis] for axis in axes)
    return ops.reshape(ops.transpose(ops.cast(kernel, "float32"), (*rest, *axes)), (-1, outputs))
