"""`Perceptual` and `Style` against a network written in NumPy, and against a network trained here."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support.differences import check_slopes
from tests.support.feature_network import LAYERS, feature_network, weights_file
from tfgan_tricks.losses.image import Perceptual, Style
from tfgan_tricks.types import Match

FAKE, TARGET = (np.random.default_rng(seed).uniform(-1, 1, (2, 5, 6, 2)) for seed in (0, 1))
WEIGHTS = (0.3, 0.7)


def match_of(fake, target) -> Match:
    return Match(real=None, fake=fake, aux={"target": target}, player="generator")


def term_of(kind, features=None, **arguments):
    """Returns a prepared term on the small network, without a weight of its own."""
    features = feature_network() if features is None else features
    term = kind(features, **{"layers": LAYERS, "layer_weights": WEIGHTS, "weight": 1.0, **arguments})
    term.prepare(None)
    return term


def convolved(images, kernel, bias, stride: int) -> np.ndarray:
    """Zero-padded convolution of one image as TensorFlow pads it, place by place."""
    side, (height, width) = kernel.shape[0], images.shape[:2]
    out = [-(-size // stride) for size in (height, width)]
    missing = [max((o - 1) * stride + side - size, 0) for o, size in zip(out, (height, width), strict=True)]
    padded = np.pad(images, [*((m // 2, m - m // 2) for m in missing), (0, 0)])
    made = np.zeros((*out, kernel.shape[-1]))
    for i, j in np.ndindex(*out):
        window = padded[i * stride : i * stride + side, j * stride : j * stride + side]
        made[i, j] = np.einsum("hwc,hwco->o", window, kernel) + bias
    return made


def features_of(image, weights) -> list[np.ndarray]:
    """The two layers of the small network for one image."""
    first, first_bias, second, second_bias = (np.asarray(weight, "float64") for weight in weights)
    edges = np.tanh(convolved(image, first, first_bias, 1))
    return [edges, convolved(edges, second, second_bias, 2)]


def perceptual(fake, norm: str, weights=None) -> float:
    weights = feature_network().get_weights() if weights is None else weights
    total = 0.0
    for one, other in zip(fake, TARGET, strict=True):
        for weight, a, b in zip(WEIGHTS, features_of(one, weights), features_of(other, weights), strict=True):
            gaps = np.abs(a - b) if norm == "l1" else (a - b) ** 2
            total += weight * gaps.sum() / a.size
    return total / len(fake)


def gram(features) -> np.ndarray:
    """The Gram matrix, entry by entry."""
    height, width, channels = features.shape
    matrix = np.zeros((channels, channels))
    for k, m in np.ndindex(channels, channels):
        matrix[k, m] = sum(features[i, j, k] * features[i, j, m] for i, j in np.ndindex(height, width))
    return matrix / (channels * height * width)


def style(fake) -> float:
    weights, total = feature_network().get_weights(), 0.0
    for one, other in zip(fake, TARGET, strict=True):
        for weight, a, b in zip(WEIGHTS, features_of(one, weights), features_of(other, weights), strict=True):
            total += weight * np.abs(gram(a) - gram(b)).mean()
    return total / len(fake)


@pytest.mark.parametrize("norm", ["l1", "l2"])
def test_perceptual_is_the_weighted_sum_over_layers(norm):
    term = term_of(Perceptual, norm=norm)
    check_slopes(lambda fake: term(match_of(fake, TARGET)), lambda fake: perceptual(fake, norm), FAKE)


def test_style_is_the_weighted_sum_of_differences_of_gram_matrices():
    term = term_of(Style)
    check_slopes(lambda fake: term(match_of(fake, TARGET)), style, FAKE)


def test_style_forgets_where_and_perceptual_does_not():
    identity = keras.Input((None, None, 2))
    network = keras.Model(identity, keras.layers.Activation("linear", name="same")(identity))
    arguments = {"layers": ("same",), "layer_weights": (1.0,)}
    turned = FAKE[:, ::-1, ::-1]
    assert float(term_of(Style, network, **arguments)(match_of(FAKE, turned))) == pytest.approx(0.0, abs=1e-6)
    expected = np.abs(FAKE - turned).mean()
    assert float(term_of(Perceptual, network, **arguments)(match_of(FAKE, turned))) == pytest.approx(expected, rel=1e-5)


def test_the_network_is_copied_and_never_trained():
    network = feature_network()
    term = term_of(Perceptual, network)
    before = float(term(match_of(FAKE, TARGET)))
    for weight in network.trainable_variables:
        weight.assign(weight + 1.0)
    assert float(term(match_of(FAKE, TARGET))) == before
    assert len(network.trainable_variables) == 4


def test_batch_norm_and_dropout_of_the_network_infer():
    images = keras.Input((5, 6, 2))
    x = keras.layers.BatchNormalization(name="norm")(images)
    network = keras.Model(images, keras.layers.Dropout(0.9, name="dropout")(x))
    network.set_weights([np.array(w, "float32") for w in ([2.0, 3.0], [0.0, 0.0], [0.5, 0.5], [4.0, 1.0])])
    term = term_of(Perceptual, network, layers=("dropout",), layer_weights=(1.0,))
    scale = np.array([2.0, 3.0]) / np.sqrt(np.array([4.0, 1.0]) + 1e-3)
    expected = (scale * np.abs(FAKE - TARGET)).mean()
    assert float(term(match_of(FAKE, TARGET))) == pytest.approx(expected, rel=1e-4)


def test_a_target_gets_no_gradient():
    target, fake = tf.constant(TARGET, tf.float32), tf.constant(FAKE, tf.float32)
    term = term_of(Perceptual)
    with tf.GradientTape() as tape:
        tape.watch([target, fake])
        value = term(match_of(fake, target))
    slopes = tape.gradient(value, [target, fake])
    assert slopes[0] is None
    assert np.abs(slopes[1]).max() > 0.0


def test_gray_images_become_three_equal_colours():
    network = feature_network(channels=3)
    gray, other = FAKE[..., :1], TARGET[..., :1]
    received = term_of(Perceptual, network)(match_of(gray, other))
    expected = term_of(Perceptual, network)(match_of(*(np.repeat(images, 3, axis=-1) for images in (gray, other))))
    assert float(received) == pytest.approx(float(expected), rel=1e-6)


@pytest.mark.parametrize(
    ("network", "shape", "words"),
    [
        (feature_network(channels=3), (2, 5, 6, 2), r"\(5, 6, 2\)[\s\S]*or gray ones"),
        (feature_network(channels=2), (2, 5, 6, 1), r"\(None, None, 2\)"),
        (keras.Sequential([keras.Input((8, 8, 2)), keras.layers.ReLU(name="edges")]), (2, 5, 6, 2), "any size"),
    ],
    ids=["channels", "gray", "size"],
)
def test_images_that_do_not_fit_the_network_are_refused(network, shape, words):
    term = term_of(Perceptual, network, layers=("edges",), layer_weights=(1.0,))
    images = np.zeros(shape, "float32")
    with pytest.raises(ValueError, match=rf"does not fit the images[\s\S]*{words}"):
        term(match_of(images, images))


def test_a_network_trained_on_classes_sees_them_where_pixels_do_not():
    """Stripes of two directions, with random phases: the trained layers tell direction from phase."""
    rng = np.random.default_rng(3)

    def stripes(direction: int, phase: float) -> np.ndarray:
        wave = np.sin(np.arange(8) * np.pi / 2 + phase)
        return np.broadcast_to(wave[:, None] if direction else wave, (8, 8))[..., None]

    labels = rng.integers(2, size=256)
    images = np.stack([stripes(label, phase) for label, phase in zip(labels, rng.uniform(0, 6, 256), strict=True)])
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(8, 3, activation="relu", name="edges")(inputs)
    x = keras.layers.GlobalAveragePooling2D(name="pooled")(x)
    classifier = keras.Model(inputs, keras.layers.Dense(2)(x))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    classifier.compile(keras.optimizers.Adam(0.02), loss, metrics=["accuracy"])
    classifier.fit(images, labels, epochs=12, batch_size=64, verbose=0)
    assert classifier.evaluate(images, labels, verbose=0)[1] == 1.0
    term = term_of(Perceptual, classifier, layers=("pooled",), layer_weights=(1.0,))
    shown = stripes(0, 0.0)[None]
    moved, turned = stripes(0, np.pi)[None], stripes(1, 0.0)[None]
    assert np.abs(shown - moved).mean() > np.abs(shown - turned).mean()  # pixels prefer the wrong one
    assert float(term(match_of(moved, shown))) < 0.5 * float(term(match_of(turned, shown)))


def test_a_path_stands_for_the_network_in_the_file(tmp_path):
    path = str(tmp_path / "network.keras")
    feature_network().save(path)
    term = term_of(Perceptual, path)
    assert float(term(match_of(FAKE, TARGET))) == pytest.approx(perceptual(FAKE, "l1"), rel=1e-4)
    assert term.variables == []
    assert term.get_config()["features"] == path


def test_a_file_of_weights_goes_into_a_copy_of_the_network():
    network = feature_network()
    term = term_of(Perceptual, network, weights=weights_file())
    expected = perceptual(FAKE, "l1", feature_network(seed=6).get_weights())
    assert float(term(match_of(FAKE, TARGET))) == pytest.approx(expected, rel=1e-4)
    for mine, other in zip(network.get_weights(), feature_network().get_weights(), strict=True):
        np.testing.assert_array_equal(mine, other)
    assert term.variables == []


def test_the_weights_of_a_network_given_as_an_object_are_variables_of_the_term():
    term = term_of(Style)
    for mine, other in zip(term.variables, feature_network().get_weights(), strict=True):
        np.testing.assert_array_equal(mine, other)
        assert not mine.trainable


def test_the_config_of_a_term_survives_being_read():
    config = Perceptual(feature_network(), LAYERS, WEIGHTS).get_config()
    text = json.dumps(config)
    Perceptual.from_config(config)
    assert json.dumps(config) == text


def test_a_config_names_it_by_text(tmp_path):
    path = str(tmp_path / "network.keras")
    feature_network().save(path)
    text = f"Perceptual(features={path!r}, layers=('edges',), layer_weights=(0.5,), weight=Linear(1.0, 0.0, images=10))"
    built = tt.configuration.build(text, "terms")
    schedule = tt.schedules.Linear(1.0, 0.0, images=10)
    assert built == Perceptual(features=path, layers=("edges",), layer_weights=(0.5,), weight=schedule)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"layers": ("edges",)}, "Each layer needs a weight"),
        ({"layers": "edges", "layer_weights": (1.0,) * 5}, "Each layer needs a weight"),
        ({"layers": (), "layer_weights": ()}, "Each layer needs a weight"),
        ({"layers": LAYERS, "layer_weights": (1.0, -1.0)}, "Each layer needs a weight"),
        ({"norm": "l3"}, "`norm`"),
        ({"preprocessing": "caffe"}, "`preprocessing`"),
        ({"features": lambda images: images}, "`features` has the wrong type"),
        ({"features": keras.Sequential([keras.layers.Dense(3)])}, "no functional model"),
    ],
)
def test_arguments_are_checked(arguments, words):
    with pytest.raises((ValueError, TypeError), match=words):
        Perceptual(**arguments)


def test_an_unknown_layer_is_an_error_that_names_the_others():
    with pytest.raises(ValueError, match=r"no layer 'edge'[\s\S]*edges, shapes, pooled[\s\S]*did you mean 'edges'"):
        term_of(Perceptual, layers=("edge",), layer_weights=(1.0,))


def test_style_needs_places():
    with pytest.raises(ValueError, match="features with places"):
        term_of(Style, layers=("pooled",), layer_weights=(1.0,))(match_of(FAKE, TARGET))


@pytest.mark.parametrize(("argument", "name"), [("features", "no.keras"), ("weights", "no.weights.h5")])
def test_a_file_that_is_not_there_is_an_error(argument, name):
    arguments = {"features": feature_network(), argument: name}
    with pytest.raises(ValueError, match=rf"no such file[\s\S]*{argument}='{name}'"):
        term_of(Perceptual, **arguments)


def test_weights_of_another_network_are_an_error(tmp_path):
    path = tmp_path / "other.weights.h5"
    feature_network(channels=5).save_weights(path)
    with pytest.raises(ValueError, match=r"does not fit the feature network[\s\S]*other\.weights\.h5"):
        term_of(Perceptual, weights=str(path))
