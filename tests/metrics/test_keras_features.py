"""Layers of a Keras model as features, against the weights' own arithmetic."""

import warnings

import keras
import numpy as np
import pytest

from tfgan_tricks.metrics import InceptionScore, KerasFeatures, Samples

IMAGES = np.random.default_rng(0).integers(0, 256, (11, 4, 4, 1), dtype=np.uint8)


def model(last: str = "softmax", channels: int = 1) -> keras.Model:
    images = keras.Input((None, None, channels))
    x = keras.layers.Conv2D(3, 3, activation="relu", name="convolution")(images)
    x = keras.layers.BatchNormalization(name="normalization")(x)
    x = keras.layers.Dropout(0.5)(x)
    x = keras.layers.GlobalAveragePooling2D(name="pooled")(x)
    return keras.Model(images, keras.layers.Dense(4, activation=last)(x), name="judge")


def convolved(pixels, kernel, bias) -> np.ndarray:
    """A valid convolution and ReLU, written as loops."""
    height, width = pixels.shape[1] - 2, pixels.shape[2] - 2
    out = np.zeros((len(pixels), height, width, kernel.shape[-1]))
    for i in range(height):
        for j in range(width):
            out[:, i, j] = np.einsum("nabc,abcd->nd", pixels[:, i : i + 3, j : j + 3], kernel) + bias
    return np.maximum(out, 0.0)


@pytest.mark.parametrize("bounds", [(-1.0, 1.0), (0.0, 1.0), (0.0, 255.0)])
def test_features_in_space_are_averaged_and_pixels_are_in_the_range_of_the_model(bounds):
    network = model()
    low, high = bounds
    extractor = KerasFeatures(network, "convolution", low=low, high=high, batch_size=4)
    pixels = IMAGES / 255.0 * (high - low) + low
    expected = convolved(pixels, *network.get_layer("convolution").get_weights()).mean(axis=(1, 2))
    np.testing.assert_allclose(extractor(IMAGES), expected, rtol=1e-4, atol=1e-5)
    assert extractor.name == "judge.convolution"


def test_floats_and_bytes_of_one_image_have_equal_features():
    extractor = KerasFeatures(model(), "pooled")
    floats = (IMAGES / 127.5 - 1.0).astype("float32")
    np.testing.assert_array_equal(extractor(floats), extractor(IMAGES))


def test_probabilities_are_the_output_of_the_whole_model_in_inference():
    network = model()
    extractor = KerasFeatures(network, "pooled")
    expected = network.predict(IMAGES / 127.5 - 1.0, verbose=0)
    np.testing.assert_allclose(extractor.probabilities(IMAGES), expected, rtol=1e-4)
    score = InceptionScore(splits=1)(None, Samples(IMAGES, extractor=extractor))
    assert 1.0 <= score.value <= 4.0
    with pytest.raises(ValueError, match="softmax to the logits"):
        KerasFeatures(model(last="linear"), "pooled").probabilities(IMAGES)


def test_two_networks_of_one_name_are_told_apart_by_their_weights():
    one, other = KerasFeatures(model(), "pooled"), KerasFeatures(model(), "pooled")
    assert one.name == other.name
    assert one.settings != other.settings
    other.model.set_weights(one.model.get_weights())
    assert KerasFeatures(other.model, "pooled").settings == one.settings


def test_a_saved_model_and_gray_images_for_a_colour_model_are_taken(tmp_path):
    network = model(channels=3)
    network.save(tmp_path / "judge.keras")
    from_file = KerasFeatures(str(tmp_path / "judge.keras"), "pooled")(IMAGES)
    np.testing.assert_allclose(from_file, KerasFeatures(network, "pooled")(np.repeat(IMAGES, 3, axis=-1)), rtol=1e-6)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="did you mean 'pooled'"):
        KerasFeatures(model(), "poled")
    for wrong in (3, None):
        with pytest.raises(TypeError, match="`model` has the wrong type"):
            KerasFeatures(wrong)
    with pytest.raises(ValueError, match=r"model='nowhere.keras'"):
        KerasFeatures("nowhere.keras")
    two = [keras.Input((4, 4, 1)), keras.Input((4, 4, 1))]
    with pytest.raises(TypeError, match="with 2 inputs"):
        KerasFeatures(keras.Model(two, keras.layers.Add()(two)))
    with pytest.raises(ValueError, match="`low` is out of range"):
        KerasFeatures(model(), "pooled", low="0")
    with pytest.raises(ValueError, match="`high` is out of range"):
        KerasFeatures(model(), "pooled", high=float("inf"))
    with pytest.raises(ValueError, match="below white"):
        KerasFeatures(model(), "pooled", low=1.0)
    with pytest.raises(ValueError, match="does not fit the images"):
        KerasFeatures(model(), "pooled")(np.repeat(IMAGES, 3, axis=-1))


@pytest.mark.parametrize("kind", ["tensor", "list", "dict", "sequential"])
def test_a_model_is_called_in_the_structure_that_it_was_built_with(kind):
    images = keras.Input((4, 4, 1), name="images")
    stack = [keras.layers.Flatten(), keras.layers.Dense(5, name="hidden"), keras.layers.Softmax()]
    outputs = images
    for layer in stack:
        outputs = layer(outputs)
    structure = {"tensor": images, "list": [images], "dict": {"images": images}}
    built = keras.Sequential([images, *stack]) if kind == "sequential" else keras.Model(structure[kind], outputs)
    extractor = KerasFeatures(built, "hidden")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        features, probabilities = extractor(IMAGES), extractor.probabilities(IMAGES)
    kernel, bias = stack[1].get_weights()
    expected = (IMAGES.reshape(11, 16) / 127.5 - 1.0) @ kernel + bias
    np.testing.assert_allclose(features, expected, rtol=1e-4, atol=1e-5)
    exponentials = np.exp(expected)
    np.testing.assert_allclose(probabilities, exponentials / exponentials.sum(axis=1, keepdims=True), rtol=1e-4)
