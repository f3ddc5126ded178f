"""An inner layer of any Keras model as features."""

import hashlib
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfgan_tricks.checks import check_integer, check_range, explain
from tfgan_tricks.losses.image.feature_network import fitted, inner, load_network
from tfgan_tricks.metrics.feature_extractor import FeatureExtractor
from tfgan_tricks.metrics.image_batches import in_batches
from tfgan_tricks.metrics.input_checks import check_kind, check_probabilities


@keras.saving.register_keras_serializable("tfgan_tricks")
class KerasFeatures(FeatureExtractor):
    """An inner layer of any Keras model as features.

    For a network that knows your data: one of `keras.applications`, or one that you trained. A hash of its weights
    goes into the protocol of each result, so that two networks of one name are told apart.

    **Source**: none; Morozov, Voynov and Babenko, 2021 (ICLR), show how much the choice of a network matters.

    **Differs from the paper**: there is none.

    Args:
        model: functional model from one image, or the path of a .keras file.
        layer: name of the layer that gives the features; by default the last one. Features in space, [n, h, w, c],
            are averaged over it.
        low: what the model takes for black.
        high: what the model takes for white.
        batch_size: images at once.

    **Cost**: one pass of the model for each image.

    **Combines badly with**: a model whose training mode differs from inference: features are those of inference.

    Example:

    >>> images = keras.Input((8, 8, 1))
    >>> hidden = keras.layers.Dense(5, name="hidden")(keras.layers.Flatten()(images))
    >>> model = keras.Model(images, keras.layers.Dense(3, activation="softmax")(hidden), name="small")
    >>> extractor = tfgan_tricks.metrics.KerasFeatures(model, "hidden", low=0.0)
    >>> extractor.name, extractor(np.zeros((2, 8, 8, 1), "uint8")).shape
    ('small.hidden', (2, 5))
    """

    def __init__(
        self,
        model: keras.Model | str,
        layer: str | None = None,
        low: float = -1.0,
        high: float = 1.0,
        batch_size: int = 128,
    ):
        check_kind("model", model, (keras.Model, str), "pass a Keras model, or the path of a .keras file.")
        check_integer("batch_size", batch_size, at_least=1)
        for argument, value in (("low", low), ("high", high)):
            check_range(argument, value, low_open=True, high_open=True)
        if low >= high:
            raise ValueError(
                explain(
                    "Black must be below white.",
                    received=f"low={low}, high={high}",
                    expected="low < high",
                    fix="look at what the model was trained with: (-1, 1), (0, 1) or (0, 255).",
                )
            )
        self.model = model
        self.layer = layer
        self.low = low
        self.high = high
        self.batch_size = batch_size
        if isinstance(model, str) and not Path(model).is_file():
            raise ValueError(
                explain(
                    "There is no such file.",
                    received=f"model={model!r}, in {Path.cwd()}",
                    expected="the path of a .keras file",
                    fix="save a model with model.save('NAME.keras'), and pass where the file is.",
                )
            )
        self._network = load_network(model) if isinstance(model, str) else model
        _check_functional(self._network)
        self._layer = layer or self._network.layers[-1].name
        self._inner = inner(self._network, (self._layer,), is_vgg=False)
        self.name = f"{self._network.name}.{self._layer}"

    @property
    def settings(self) -> dict[str, Any]:
        """Returns the hash of the weights that the features depend on, and the range of the pixels."""
        return {"weights": weights_hash(self._inner.get_weights()), "low": self.low, "high": self.high}

    def __call__(self, images) -> np.ndarray:
        """Returns the features, float32 [n, width].

        Args:
            images: [n, height, width, channels], uint8 or floats in [-1, 1].
        """
        features = in_batches(lambda part: _run(self._inner, self._pixels(part)), images, self.batch_size)
        return features.mean(axis=tuple(range(1, features.ndim - 1))) if features.ndim > 2 else features

    def probabilities(self, images, features: np.ndarray | None = None) -> np.ndarray:
        """Returns what the whole model gives, if these are probabilities.

        Args:
            images: as for the features.
            features: not used.
        """
        found = in_batches(lambda part: _run(self._network, self._pixels(part)), images, self.batch_size)
        return check_probabilities(found)

    def _pixels(self, images: np.ndarray):
        pixels = images.astype(np.float32) * ((self.high - self.low) / 255.0) + self.low
        return fitted(pixels, self._network)


def weights_hash(weights: list[np.ndarray]) -> str:
    """Returns the first 16 digits of the SHA-256 of a network's weights."""
    digest = hashlib.sha256()
    for array in weights:
        digest.update(f"{array.shape}{array.dtype}".encode() + np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]


def _check_functional(network: keras.Model) -> None:
    inputs = getattr(network, "inputs", None) or []
    if len(inputs) != 1:
        raise TypeError(
            explain(
                "`model` is no functional model from one image.",
                received=f"{network!r} with {len(inputs)} inputs",
                expected="a model built from one keras.Input",
                fix="wrap it: inputs = keras.Input(shape); keras.Model(inputs, network(inputs)).",
            )
        )


def _run(network: keras.Model, pixels) -> np.ndarray:
    """Returns the first output; Keras warns unless the images come as the model was built, bare or in a list."""
    bare = isinstance(network, keras.Sequential)
    inputs = pixels if bare else keras.tree.map_structure(lambda _: pixels, network.input)
    outputs = network(inputs, training=False)
    return keras.ops.convert_to_numpy(outputs[0] if isinstance(outputs, list | tuple) else outputs)
