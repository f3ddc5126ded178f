"""A small network whose layers images are compared in, and a file of weights for it."""

import functools
import tempfile
from pathlib import Path

import keras
import numpy as np

LAYERS = ("edges", "shapes")


def feature_network(channels: int = 2, seed: int = 5) -> keras.Model:
    """Returns two convolutions with random weights, the same for the same seed, for images of any size."""
    images = keras.Input((None, None, channels))
    x = keras.layers.Conv2D(3, 3, padding="same", activation="tanh", name="edges")(images)
    x = keras.layers.Conv2D(4, 2, strides=2, padding="same", name="shapes")(x)
    network = keras.Model(images, keras.layers.GlobalAveragePooling2D(name="pooled")(x), name="small")
    network = keras.models.model_from_json(network.to_json())  # as it comes from a file: lists in place of tuples
    generator = np.random.default_rng(seed)
    network.set_weights([0.3 * generator.normal(size=weight.shape).astype("float32") for weight in network.weights])
    return network


@functools.cache
def weights_file() -> str:
    """Returns the path of a file of weights for the network, other ones than its own, made once per process."""
    folder = tempfile.TemporaryDirectory()
    _FOLDERS.append(folder)  # removed when the process ends
    path = Path(folder.name) / "small.weights.h5"
    feature_network(seed=6).save_weights(path)
    return str(path)


_FOLDERS: list[tempfile.TemporaryDirectory] = []
