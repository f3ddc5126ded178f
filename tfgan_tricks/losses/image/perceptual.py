"""The distance of images in the features of a network."""

import keras

from tfgan_tricks.checks import check_choice
from tfgan_tricks.losses.image.feature_comparison import FeatureComparison
from tfgan_tricks.losses.image.feature_network import VGG19_LAYERS
from tfgan_tricks.losses.reading import difference, per_example


@keras.saving.register_keras_serializable("tfgan_tricks")
class Perceptual(FeatureComparison):
    """Compares images in the layers of a network that has learned to see: Σ wᵢ · mean |Fᵢ(x) - Fᵢ(y)|.

    Two images that an eye takes for the same may differ in every pixel; their features in a classifier agree. Low
    layers keep edges and textures, high ones what is shown. By default VGG-19 on ImageNet, as pix2pixHD uses it; any
    Keras model will do, such as a classifier of your own data.

    **Source**: Johnson et al., 2016, arXiv:1603.08155, equation 2 (squared); Wang et al., 2017, arXiv:1711.11585,
    section 3.3 (absolute).

    **Differs from the paper**: the layers' weights are those of pix2pixHD's published code, the paper names none.

    Args:
        features: functional Keras model from images, or the path of a .keras file that holds one; VGG-19 unless given.
        layers: names of its layers to compare in; of VGG-19, relu1_1 to relu5_4.
        layer_weights: wᵢ, one per layer, at least 0.
        norm: "l1" for absolute differences, "l2" for squared ones.
        weights: path of a file of the network's weights. Unless given, the network has its own, and VGG-19 those of
            Keras, which are downloaded once.
        preprocessing: what is made of images in [-1, 1]: "vgg" for BGR from 0 to 255 less ImageNet's mean, "none" for
            nothing; "auto" is "vgg" for VGG-19 and "none" for a given network.
        weight: factor, a number or a schedule in images seen.
        every: lazy interval.
        name: name in the logs.

    Call arguments:
        match: the completed `Match` of the generator's update, with aux["target"] like `fake`.

    Output shape: `call` returns one value per image, [n].

    **Cost**: two forward passes through the network, and one backward pass to the generated images. A network that is
    given as an object is part of each checkpoint; one from a file is not, and the file must be there on loading.

    **Combines badly with**: a network trained on pictures of another kind; use alone: some patterns are invisible to
    it, so add `Reconstruction`.

    Example:

    >>> images = keras.Input((None, None, 1))
    >>> network = keras.Model(images, keras.layers.Conv2D(2, 3, name="edges", kernel_initializer="ones")(images))
    >>> term = tfgan_tricks.losses.image.Perceptual(network, layers=("edges",), layer_weights=(0.5,))
    >>> image = np.zeros((1, 4, 4, 1), "float32")
    >>> float(term(tfgan_tricks.types.Match(real=None, fake=image, aux={"target": image + 1.0})))  # 10 · 0.5 · 9
    45.0
    """

    def __init__(
        self,
        features=None,
        layers: tuple[str, ...] = VGG19_LAYERS,
        layer_weights: tuple[float, ...] = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1.0),
        norm: str = "l1",
        weights: str | None = None,
        preprocessing: str = "auto",
        weight=10.0,
        every: int = 1,
        name: str | None = None,
    ):
        check_choice("norm", norm, ("l1", "l2"))
        super().__init__(features, layers, layer_weights, weights, preprocessing, weight, every, name)
        self.norm = norm

    def compare_features(self, fake, target):
        return per_example(difference(self.norm, fake, target))
