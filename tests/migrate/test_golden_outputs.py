"""Networks trained with tensorflow-addons compute here what they computed there, and where not, that is meant.

The expected numbers are those of tensorflow-addons 0.23 itself: tests/golden/make_tensorflow_addons.py.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.migrate import addons_networks as networks
from tests.migrate.addons_networks import GOLDEN, golden
from tfgan_tricks import layers
from tfgan_tricks.migrate import load_addons_weights

CRITICS = [("critic_weights.h5", ""), ("critic_model.h5", ""), ("gan_checkpoint", "critic")]
SPECTRAL = (0, 2, 5)  # where the critic's spectral-normalised layers are


def loaded_critic(file: str = "critic_model.h5", part: str = "", network=networks.critic) -> keras.Model:
    model = network()
    load_addons_weights(model, GOLDEN / file, part=part)
    return model


@pytest.mark.parametrize("network", [networks.critic, networks.wrapped_critic])
@pytest.mark.parametrize(("file", "part"), CRITICS)
def test_a_training_call_gives_the_outputs_and_the_vectors_it_gave_there(file, part, network):
    critic, expected = loaded_critic(file, part, network), golden("critic")
    np.testing.assert_allclose(critic(expected["images"], training=True), expected["training"], rtol=1e-5, atol=1e-6)
    for i, place in enumerate(SPECTRAL):
        np.testing.assert_allclose(critic.layers[place].u, expected[f"u_after_{i}"][0], rtol=1e-5, atol=1e-6)


def test_an_inference_call_differs_by_the_spectral_norms_that_the_report_tells():
    critic, plain, expected = networks.critic(), networks.plain_critic(), golden("critic")
    report = load_addons_weights(critic, GOLDEN / "critic_weights.h5")
    load_addons_weights(plain, GOLDEN / "critic_weights.h5", fold=True)
    outputs = np.asarray(critic(expected["images"], training=False))
    assert np.abs(outputs - expected["inference"]).max() > 1e-3  # the optimizer stepped after the last division
    for i, (place, sigma) in enumerate(zip(SPECTRAL, report.spectral_norms.values(), strict=True)):
        matrix = expected[f"kernel_{i}"].reshape(-1, expected[f"u_{i}"].size)
        np.testing.assert_allclose(sigma, np.linalg.norm(matrix @ expected[f"u_{i}"][0]), rtol=1e-5)
        plain.layers[place].kernel.assign(expected[f"kernel_{i}"] / sigma)
    np.testing.assert_allclose(outputs, plain(expected["images"]), rtol=1e-5, atol=1e-6)


def test_folded_into_plain_layers_an_inference_call_does_not_differ():
    critic, expected = networks.plain_critic(), golden("critic")
    report = load_addons_weights(critic, GOLDEN / "critic_model.h5", fold=True)
    np.testing.assert_allclose(critic(expected["images"]), expected["inference"], rtol=1e-5, atol=1e-6)
    assert [name for name in report.skipped if name.endswith("/sn_u")] == [
        f"spectral_normalization_{i}/sn_u" for i in (1, 2, 3)
    ]


def test_a_training_call_leaves_the_kernel_alone_which_tensorflow_addons_overwrote():
    critic, expected = loaded_critic(), golden("critic")
    for i, place in enumerate(SPECTRAL):
        before, after = expected[f"kernel_{i}"], expected[f"kernel_after_{i}"]
        np.testing.assert_allclose(critic.layers[place].normalized_kernel(training=True), after, rtol=1e-5, atol=1e-7)
        np.testing.assert_array_equal(critic.layers[place].kernel, before)
        assert np.abs(after - before).max() > 1e-4


def test_the_gradient_is_theirs_without_its_part_along_the_singular_vectors_and_divided_by_sigma():
    critic, expected = loaded_critic(), golden("critic")
    kernels = [critic.layers[place].kernel.value for place in SPECTRAL]
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(critic(expected["images"], training=True) * expected["cotangent"])
    for i, gradient in enumerate(tape.gradient(value, kernels)):
        theirs, normalized = expected[f"gradient_{i}"], expected[f"kernel_after_{i}"]
        columns = theirs.shape[-1]
        row = expected[f"u_after_{i}"][0]
        vector = expected[f"kernel_{i}"].reshape(-1, columns) @ previous_row(expected, i)
        vector /= np.linalg.norm(vector)
        sigma = vector @ expected[f"kernel_{i}"].reshape(-1, columns) @ row
        rank_one = np.outer(vector, row).reshape(theirs.shape)
        meant = (theirs - np.sum(theirs * normalized) * rank_one) / sigma
        np.testing.assert_allclose(gradient, meant, rtol=1e-3, atol=1e-4 * np.abs(meant).max())
    # The two convolutions stand before a group norm, which lets little of the difference through; the last layer not.
    assert np.linalg.norm(gradient - theirs) > 0.1 * np.linalg.norm(theirs)


def previous_row(expected: dict, i: int) -> np.ndarray:
    """Returns ũ before the last power iteration of the golden training call; the second layer makes two."""
    row = expected[f"u_{i}"][0]
    if i == 1:
        matrix = expected[f"kernel_{i}"].reshape(-1, row.size)
        row = matrix.T @ (matrix @ row)
    return row / np.linalg.norm(row)


def test_the_gradient_is_that_of_a_division_by_the_largest_singular_value_and_theirs_is_not():
    critic, expected = loaded_critic(), golden("critic")
    features = np.asarray(keras.Sequential(critic.layers[:-1])(expected["images"]), "float64")
    last = critic.layers[-1]
    kernel = np.asarray(last.kernel, "float64")
    last.u.assign(np.linalg.svd(kernel)[2][0])  # where many training calls would lead it
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(last(tf.constant(features, "float32")) * expected["cotangent"])
    gradient = np.asarray(tape.gradient(value, last.kernel.value), "float64")
    direction = np.random.default_rng(0).normal(size=kernel.shape)

    def divided_by_svd(step: float) -> float:
        moved = kernel + step * direction
        return float(np.sum(expected["cotangent"] * (features @ moved)) / np.linalg.svd(moved, compute_uv=False)[0])

    slope = (divided_by_svd(1e-5) - divided_by_svd(-1e-5)) / 2e-5
    np.testing.assert_allclose(np.sum(gradient * direction), slope, rtol=1e-4)
    along_the_kernel = np.sum(gradient * kernel)  # a longer kernel changes nothing, so there is no slope
    assert abs(along_the_kernel) < 1e-4 * np.linalg.norm(gradient)
    assert abs(np.sum(expected["gradient_2"] * expected["kernel_2"])) > 0.1 * np.linalg.norm(expected["gradient_2"])


@pytest.mark.parametrize(("file", "part"), [("generator_model.h5", ""), ("gan_checkpoint", "generator")])
def test_a_generator_with_all_kinds_of_layers_samples_the_same_images(file, part):
    generator, expected = networks.generator(), golden("generator")
    report = load_addons_weights(generator, GOLDEN / file, part=part)
    np.testing.assert_allclose(generator(expected["latents"]), expected["inference"], rtol=1e-5, atol=1e-6)
    assert report.spectral_norms == {generator.layers[5].name: pytest.approx(1.0, abs=1e-5)}
    assert set(report.assigned) == {variable.path for variable in generator.weights}


def test_a_generator_of_plain_layers_samples_the_same_images():
    generator = networks.generator(
        transposed=lambda: keras.layers.Conv2DTranspose(4, 4, strides=2, padding="same"),
        norm=lambda: keras.layers.GroupNormalization(groups=-1),
        weight_norm=lambda layer: layer,
    )
    expected = golden("generator")
    load_addons_weights(generator, GOLDEN / "generator_model.h5", fold=True)
    np.testing.assert_allclose(generator(expected["latents"]), expected["inference"], rtol=1e-5, atol=1e-6)


def test_the_wrapper_of_a_transposed_convolution_takes_the_kernel_along_its_last_axis():
    generator = networks.generator(
        transposed=lambda: layers.SpectralNormalization(
            keras.layers.Conv2DTranspose(4, 4, strides=2, padding="same"), axis=-1
        )
    )
    expected = golden("generator")
    load_addons_weights(generator, GOLDEN / "generator_model.h5")
    np.testing.assert_allclose(generator(expected["latents"]), expected["inference"], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("file", ["conditional_weights.h5", "conditional_model.h5", "conditional_checkpoint"])
def test_embeddings_and_nested_models_are_found(file):
    model, expected = networks.conditional(), golden("conditional")
    report = load_addons_weights(model, GOLDEN / file)
    outputs = model([expected["images"], expected["labels"]])
    np.testing.assert_allclose(outputs, expected["inference"], rtol=1e-5, atol=1e-6)
    assert list(report.spectral_norms.values()) == pytest.approx([1.0, 1.0, 1.0], abs=1e-5)
    inner = model.get_layer("features").layers[0]
    assert report.assigned[inner.kernel.path] == "spectral_normalization_4/kernel"


@pytest.mark.parametrize("file", ["translator_weights.h5", "translator_checkpoint"])
def test_models_by_subclassing_are_read_in_the_order_of_their_attributes(file):
    model, expected = networks.translator(), golden("translator")
    report = load_addons_weights(model, GOLDEN / file)
    np.testing.assert_allclose(model(expected["images"]), expected["inference"], rtol=1e-5, atol=1e-6)
    assert next(iter(report.assigned.values())) == "stem/kernel"
    assert len(report.assigned) == len(model.weights)


def test_a_nested_model_can_be_read_alone():
    whole, part = networks.conditional(), networks.conditional().get_layer("features")
    load_addons_weights(whole, GOLDEN / "conditional_weights.h5")
    load_addons_weights(part, GOLDEN / "conditional_weights.h5", part="features")
    for one, other in zip(whole.get_layer("features").weights, part.weights, strict=True):
        np.testing.assert_array_equal(one, other)
