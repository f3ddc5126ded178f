"""Penalties on weights: orthogonal and spectral regularisation, and distance to the past, against NumPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import tiny
from tests.support.matches import linear_critic, match_of
from tfgan_tricks.penalties import HistoricalAveraging, OrthogonalRegularization, SpectralNormRegularization

MATCH = match_of(linear_critic(np.ones(3)), np.ones((2, 3), "float32"))


def task_of() -> tt.tasks.Unconditional:
    """A task whose critic has one kernel of each kind, and whose generator has a transposed convolution."""
    x = images = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(6, 3, strides=2)(x)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.Conv2DTranspose(5, (3, 2))(x)
    critic = keras.Model(images, keras.layers.Dense(2)(keras.layers.Flatten()(x)))
    x = latents = keras.Input((4,))
    x = keras.layers.Reshape((4, 4, 3))(keras.layers.Dense(48)(x))
    x = keras.layers.Conv2DTranspose(1, 4, strides=2, padding="same")(x)
    return tt.tasks.Unconditional(keras.Model(latents, x), critic, tt.latents.Normal(4))


def matrices(network) -> list[np.ndarray]:
    """The kernels as matrices with one row per output, written by hand for each kind of layer."""
    found = []
    for layer in network.layers:
        if isinstance(layer, keras.layers.Conv2DTranspose):
            found.append(np.moveaxis(layer.kernel.numpy(), 2, 0).reshape(layer.filters, -1))
        elif isinstance(layer, keras.layers.Conv2D | keras.layers.Dense):
            found.append(layer.kernel.numpy().reshape(-1, layer.kernel.shape[-1]).T)
    return found


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_orthogonal_regularisation_sums_the_squared_products_of_different_filters(player):
    task = task_of()
    term = OrthogonalRegularization(weight=0.5, player=player)
    term.prepare(task)
    expected = 0.0
    for matrix in matrices(task.generator if player == "generator" else task.discriminator):
        for i in range(len(matrix)):
            for j in range(len(matrix)):
                expected += (i != j) * float(matrix[i] @ matrix[j]) ** 2
    assert float(term(MATCH)) == pytest.approx(0.5 * expected, rel=1e-4)
    assert term.players == (player,)


def test_orthogonal_filters_of_any_length_cost_nothing():
    task = task_of()
    dense = task.discriminator.layers[-1]
    orthogonal = np.linalg.qr(np.random.default_rng(0).normal(size=dense.kernel.shape))[0] * [2.0, 5.0]
    for layer in task.discriminator.layers:
        if hasattr(layer, "kernel"):
            layer.kernel.assign(0.0 * layer.kernel)
    dense.kernel.assign(orthogonal.astype("float32"))
    term = OrthogonalRegularization(player="discriminator")
    term.prepare(task)
    assert abs(float(term(MATCH))) < 1e-9


def test_spectral_regularisation_is_half_the_squared_singular_values_with_their_gradient():
    task = task_of()
    term = SpectralNormRegularization(weight=2.0)
    term.prepare(task)
    found = matrices(task.discriminator)
    assert len(found) == 3
    tops = [np.linalg.svd(matrix.astype("float64"), full_matrices=False) for matrix in found]
    dense = task.discriminator.layers[-1].kernel
    with tf.GradientTape() as tape:
        value = term(MATCH)
    assert float(value) == pytest.approx(2.0 * 0.5 * sum(values[0] ** 2 for _, values, _ in tops), rel=1e-4)
    left, values, right = tops[-1]
    expected = 2.0 * values[0] * np.outer(left[:, 0], right[0])  # [outputs, inputs]
    np.testing.assert_allclose(tape.gradient(value, dense.value), expected.T, rtol=1e-3, atol=1e-4)


def test_the_singular_vector_follows_the_kernel_after_the_discriminators_updates():
    task = task_of()
    term = SpectralNormRegularization(weight=1.0)
    term.prepare(task)
    kernel = task.discriminator.layers[-1].kernel
    rng = np.random.default_rng(3)
    kernel.assign(rng.normal(size=kernel.shape).astype("float32"))
    before = [vector.numpy() for vector in term.variables]
    term.observe(match_of(linear_critic(np.ones(3)), np.ones((2, 3), "float32"), player="generator"))
    for vector, old in zip(term.variables, before, strict=True):
        np.testing.assert_array_equal(vector, old)
    for _ in range(100):
        term.observe(MATCH)
    expected = sum(np.linalg.norm(matrix, 2) ** 2 for matrix in matrices(task.discriminator)) / 2
    assert float(term(MATCH)) == pytest.approx(expected, rel=1e-3)


def test_history_is_the_distance_to_the_mean_of_all_past_weights_of_the_player_whose_turn_it_is():
    task, rng = task_of(), np.random.default_rng(0)
    term = HistoricalAveraging(weight=0.5)
    term.prepare(task)
    networks = {"discriminator": task.discriminator, "generator": task.generator}
    matches = {
        player: match_of(linear_critic(np.ones(3)), np.ones((2, 3), "float32"), player=player) for player in networks
    }
    past = {player: [[w.numpy() for w in net.trainable_variables]] for player, net in networks.items()}
    for player in ("discriminator", "generator", "discriminator", "discriminator"):
        for weight in networks[player].trainable_variables:
            weight.assign(weight + rng.normal(size=weight.shape).astype("float32"))
        term.observe(matches[player])
        past[player].append([w.numpy() for w in networks[player].trainable_variables])
    for player, network in networks.items():
        means = [np.mean(history, axis=0) for history in zip(*past[player], strict=True)]
        with tf.GradientTape() as tape:
            value = term(matches[player])
        weights = network.trainable_variables
        distances = [w.numpy() - mean for w, mean in zip(weights, means, strict=True)]
        assert float(value) == pytest.approx(0.5 * sum(np.sum(d**2) for d in distances), rel=1e-4)
        gradients = tape.gradient(value, [weight.value for weight in weights])
        for gradient, distance in zip(gradients, distances, strict=True):
            np.testing.assert_allclose(gradient, distance, rtol=1e-3, atol=1e-5)


def test_history_is_saved_and_goes_on(tmp_path):
    gan = tiny.gan_of(terms=[HistoricalAveraging(weight=0.1), SpectralNormRegularization(weight=0.1)])
    gan.fit(tiny.dataset(), steps_per_epoch=3, verbose=0)
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    for one, other in zip(gan.terms, again.terms, strict=True):
        assert len(one.variables) == len(other.variables) > 0
        for kept, restored in zip(one.variables, other.variables, strict=True):
            np.testing.assert_array_equal(kept, restored)
    assert {float(variable) for variable in again.terms[0].variables[:2]} == {4.0}  # the initial weights and 3 updates
    for model in (gan, again):
        model.fit(tiny.dataset(), steps_per_epoch=2, verbose=0)
    for one, other in zip(gan.variables, again.variables, strict=True):
        np.testing.assert_array_equal(one, other, err_msg=one.path)


def test_replicas_keep_one_history(two_replicas):
    with two_replicas.scope():
        gan = tiny.gan_of(terms=[HistoricalAveraging(weight=0.1), SpectralNormRegularization(weight=0.1)])
    gan.fit(tiny.dataset(16), steps_per_epoch=2, verbose=0)
    for term in gan.terms:
        for variable in term.variables:
            first, second = two_replicas.experimental_local_results(variable.value)
            np.testing.assert_array_equal(first, second)
            assert np.isfinite(first).all()
