"""VGG-19, the default network: what it is shown, which layers it has, where its weights come from."""

import keras
import numpy as np
import pytest

from tfgan_tricks.losses.image import Perceptual, Style
from tfgan_tricks.losses.image.feature_network import VGG19_FILE, inner, to_vgg
from tfgan_tricks.types import Match

IMAGES = np.random.default_rng(0).uniform(-1, 1, (2, 16, 16, 3)).astype("float32")


def test_images_are_shown_as_vgg_was_trained():
    """Keras' own preprocessing takes RGB from 0 to 255."""
    expected = keras.applications.vgg19.preprocess_input(127.5 * (IMAGES + 1.0), data_format="channels_last")
    np.testing.assert_allclose(to_vgg(IMAGES), expected, rtol=1e-5, atol=1e-4)


def test_a_known_colour_becomes_what_the_formula_says():
    orange = np.array([1.0, 0.0, -1.0], "float32").reshape(1, 1, 1, 3)  # red 255, green 127.5, blue 0
    expected = [0.0 - 103.939, 127.5 - 116.779, 255.0 - 123.68]
    np.testing.assert_allclose(np.ravel(to_vgg(orange)), expected, rtol=1e-5)


@pytest.fixture(scope="module")
def vgg19_with_random_weights():
    """VGG-19 with random weights, which no test of this file may change."""
    keras.utils.set_random_seed(1)
    return keras.applications.VGG19(include_top=False, weights=None, input_shape=(None, None, 3))


@pytest.fixture(scope="module")
def weights(vgg19_with_random_weights, tmp_path_factory) -> str:
    """A file like that of Keras."""
    path = tmp_path_factory.mktemp("vgg") / VGG19_FILE
    vgg19_with_random_weights.save_weights(path.with_suffix(".weights.h5"))
    return str(path.with_suffix(".weights.h5"))


def test_the_default_compares_in_the_first_relu_of_each_block(vgg19_with_random_weights, weights):
    """Layer by layer through the network, without the term's own graph."""
    target = IMAGES[:, ::-1]
    x, y = (keras.applications.vgg19.preprocess_input(127.5 * (v + 1.0)) for v in (IMAGES, target))
    expected, index = 0.0, 0
    for layer in vgg19_with_random_weights.layers[1:-4]:  # up to block5_conv1
        x, y = layer(x), layer(y)
        if layer.name in [f"block{block}_conv1" for block in range(1, 6)]:
            assert layer.activation is keras.activations.relu
            expected += 10.0 * (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1.0)[index] * np.abs(x - y).mean()
            index += 1
    keras.config.set_dtype_policy("mixed_float16")  # in which VGG would overflow
    term = Perceptual(weights=weights)
    term.prepare(None)
    assert keras.config.dtype_policy().name == "mixed_float16"
    received = term(Match(real=None, fake=IMAGES, aux={"target": target}))
    assert index == 5
    assert float(received) == pytest.approx(expected, rel=1e-4)
    assert term.variables == []  # the file has them


def test_both_names_of_a_layer_are_known(vgg19_with_random_weights):
    short, long = (
        inner(vgg19_with_random_weights, names, is_vgg=True)(IMAGES) for names in (("relu3_2",), ("block3_conv2",))
    )
    np.testing.assert_array_equal(short[0], long[0])
    with pytest.raises(ValueError, match=r"no layer 'block3_conv9'"):
        inner(vgg19_with_random_weights, ("relu3_9",), is_vgg=True)


@pytest.mark.parametrize("kind", [Perceptual, Style])
def test_without_a_network_the_error_says_which_file_to_put_where(kind, monkeypatch, tmp_path):
    def offline(*arguments, **options):
        raise OSError("URL fetch failure: no route to host")

    monkeypatch.setattr(keras.utils, "get_file", offline)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(ValueError, match="could not be downloaded") as caught:
        kind().prepare(None)
    message = str(caught.value)
    assert str(tmp_path / "models" / VGG19_FILE) in message
    assert "weights='PATH'" in message
    assert "https://storage.googleapis.com/tensorflow/keras-applications/vgg19/" in message
    assert "no route to host" in message


def test_the_file_is_asked_for_by_the_name_and_the_checksum_of_keras(monkeypatch):
    asked = {}

    def record(name, address, **options):
        asked.update(options, name=name, address=address)
        raise OSError("enough")

    monkeypatch.setattr(keras.utils, "get_file", record)
    with pytest.raises(ValueError, match="enough"):
        Perceptual().prepare(None)
    from keras.src.applications import vgg19

    assert asked["address"] == vgg19.WEIGHTS_PATH_NO_TOP
    assert asked["cache_subdir"] == "models"
    assert asked["file_hash"] == "253f8cb515780f3b799900260a226db6"


def test_weights_of_something_else_are_an_error(tmp_path):
    path = tmp_path / "other.weights.h5"
    images = keras.Input((4,))
    keras.Model(images, keras.layers.Dense(3)(images)).save_weights(path)
    with pytest.raises(ValueError, match=r"does not fit[\s\S]*'vgg19'[\s\S]*without the top"):
        Perceptual(weights=str(path)).prepare(None)
