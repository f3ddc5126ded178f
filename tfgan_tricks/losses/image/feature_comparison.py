"""The base of terms that compare images in the layers of a network."""

import copy

import keras
from keras import ops

from tfgan_tricks.checks import explain
from tfgan_tricks.losses.image.feature_network import (
    VGG19_LAYERS,
    check_features,
    check_preprocessing,
    fitted,
    inner,
    load_network,
    load_weights,
    to_vgg,
    vgg19,
)
from tfgan_tricks.losses.image.image_comparison import ImageComparison


class FeatureComparison(ImageComparison):
    """Compares a generated image with its target in several layers of a network; a subclass says how in one.

    The network is copied into the term, and never trained. One that was given as an object is saved with the GAN, its
    weights too; of one that came from a file, the file's name is saved.

    A subclass implements `compare_features(fake, target)` for one layer, [n, h, w, c] in float32, and returns [n].
    """

    def __init__(
        self,
        features=None,
        layers: tuple[str, ...] = VGG19_LAYERS,
        layer_weights: tuple[float, ...] = (),
        weights: str | None = None,
        preprocessing: str = "auto",
        weight=1.0,
        every: int = 1,
        name: str | None = None,
    ):
        check_features(features)
        check_preprocessing(preprocessing)
        _check_layers(layers, layer_weights)
        super().__init__(weight=weight, every=every, name=name)
        self.features = features
        self.layers = tuple(layers)
        self.layer_weights = tuple(layer_weights)
        self.weights = weights
        self.preprocessing = preprocessing
        self._network: keras.Model | None = None

    def compare_features(self, fake, target):
        """Returns one value per pair of images, [n], from the features of one layer."""
        raise NotImplementedError(f"{type(self).__name__} must implement compare_features(fake, target).")

    def prepare(self, task) -> None:
        self._network = inner(self._whole_network(), self.layers, is_vgg=self.features is None)

    @classmethod
    def from_config(cls, config):
        return super().from_config(copy.deepcopy(config))  # Keras empties the config of a model that it reads

    @property
    def variables(self):
        is_saved = isinstance(self.features, keras.Model) and self.weights is None
        return self._network.variables if is_saved and self._network is not None else []

    def compare(self, fake, target):
        if self._network is None:
            self.prepare(None)
        pairs = zip(*(self._features_of(images) for images in (fake, ops.stop_gradient(target))), strict=True)
        values = [self.compare_features(*pair) for pair in pairs]
        return sum(weight * value for weight, value in zip(self.layer_weights, values, strict=True))

    def _whole_network(self) -> keras.Model:
        """Returns the network with its weights; the given one itself is never changed."""
        if self.features is None:
            return vgg19(self.weights)
        network = self.features if isinstance(self.features, keras.Model) else load_network(self.features)
        if self.weights is not None:
            network = keras.models.clone_model(network)
            load_weights(network, self.weights)
        return network

    def _features_of(self, images) -> list:
        """Returns the features of each layer, float32."""
        network = self._network
        images = fitted(ops.cast(images, "float32"), network)
        if self.preprocessing == "vgg" or (self.preprocessing == "auto" and self.features is None):
            images = to_vgg(images)
        outputs = keras.tree.flatten(network(images, training=False))  # type: ignore[misc]
        return [ops.cast(output, "float32") for output in outputs]


def _check_layers(layers, layer_weights) -> None:
    """Raises `ValueError` unless there is one number of at least 0 for each name of a layer."""
    numbers = all(isinstance(weight, int | float) and weight >= 0 for weight in layer_weights)
    names = not isinstance(layers, str) and all(isinstance(layer, str) for layer in layers)
    if not layers or not names or not numbers or len(layers) != len(layer_weights):
        raise ValueError(
            explain(
                "Each layer needs a weight.",
                received=f"layers={layers!r}, layer_weights={layer_weights!r}",
                expected="names of layers, and as many numbers of at least 0",
                fix='for one layer pass layers=("NAME",), layer_weights=(1.0,).',
            )
        )
