"""The distance of images in how their features go together."""

import keras
from keras import ops

from tfgan_tricks.checks import explain
from tfgan_tricks.losses.image.feature_comparison import FeatureComparison
from tfgan_tricks.losses.image.feature_network import VGG19_LAYERS
from tfgan_tricks.losses.reading import difference, per_example


@keras.saving.register_keras_serializable("tfgan_tricks")
class Style(FeatureComparison):
    """Compares which features of a network occur together, wherever they are: Σ wᵢ · mean |Gᵢ(x) - Gᵢ(y)|.

    The Gram matrix of a layer's features F, [c, h·w], is G = F Fᵀ / (c·h·w). It keeps textures and colours and
    forgets places. In inpainting it removes checkerboards that `Perceptual` leaves behind.

    **Source**: Gatys et al., 2015, arXiv:1508.06576; Johnson et al., 2016, arXiv:1603.08155, section 3.2; the absolute
    difference: Liu et al., 2018, arXiv:1804.07723, section 3.3.

    **Differs from the paper**: the layers are those of Gatys et al., not the three poolings of VGG-16.

    Args:
        features: functional Keras model from images, or the path of a .keras file that holds one; VGG-19 unless given.
        layers: names of its layers to compare in; of VGG-19, relu1_1 to relu5_4.
        layer_weights: wᵢ, one per layer, at least 0.
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

    **Cost**: two forward passes through the network, and one backward pass to the generated images; a product of
    c × c per layer. A network that is given as an object is part of each checkpoint; one from a file is not, and the
    file must be there on loading.

    **Combines badly with**: use alone: it does not mind where things are.

    Example:

    >>> images = keras.Input((None, None, 2))
    >>> network = keras.Model(images, keras.layers.Identity(name="same")(images))
    >>> term = tfgan_tricks.losses.image.Style(network, layers=("same",), layer_weights=(1.0,))
    >>> image = np.random.default_rng(0).normal(size=(1, 4, 4, 2)).astype("float32")
    >>> match = tfgan_tricks.types.Match(real=None, fake=image, aux={"target": image[:, ::-1]})  # upside down
    >>> round(float(term(match)), 5)
    0.0
    """

    def __init__(
        self,
        features=None,
        layers: tuple[str, ...] = VGG19_LAYERS,
        layer_weights: tuple[float, ...] = (0.2, 0.2, 0.2, 0.2, 0.2),
        weights: str | None = None,
        preprocessing: str = "auto",
        weight=1.0,
        every: int = 1,
        name: str | None = None,
    ):
        super().__init__(features, layers, layer_weights, weights, preprocessing, weight, every, name)

    def compare_features(self, fake, target):
        return per_example(difference("l1", gram(fake), gram(target)))


def gram(features):
    """Returns F Fᵀ / (c·h·w) for each image, [n, c, c]."""
    if len(features.shape) != 4:
        raise ValueError(
            explain(
                "Style needs features with places to sum over.",
                received=f"features of shape {tuple(features.shape)}",
                expected="[n, h, w, c]",
                fix="name layers before the network's pooling or flattening, such as convolutions.",
            )
        )
    n, height, width, channels = ops.shape(features)
    flat = ops.reshape(features, (n, -1, channels))  # [n, h·w, c]
    size = ops.cast(height * width * channels, "float32")
    return ops.matmul(ops.transpose(flat, (0, 2, 1)), flat) / size
