"""Spectral normalisation against singular value decomposition: value, gradient and the motion of ũ."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from spectral_norm_oracle import (
    CASES,
    CHANNELS_FIRST,
    IN_FLOAT64,
    away,
    bias,
    gradient,
    power_iterations,
    raw,
    top_pair,
)

each_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
each_in_float64 = pytest.mark.parametrize("case", IN_FLOAT64.values(), ids=IN_FLOAT64.keys())


def value_and_gradient(layer, inputs, weights, training=True):
    """⟨weights, layer(inputs)⟩ and its gradient in the kernel."""
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(weights * layer(inputs, training=training))
    return value, tf.convert_to_tensor(tape.gradient(value, raw(layer).value)).numpy()


@pytest.mark.parametrize("case", [*CASES.values(), CHANNELS_FIRST], ids=[*CASES, "conv_channels_first"])
def test_output_is_that_of_the_plain_layer_with_the_kernel_over_its_largest_singular_value(case):
    layer, plain, inputs = case.build(bias_initializer="normal"), case.build_plain(), case.inputs()
    sigma, _, _ = top_pair(case.matrix(layer.kernel))
    raw(plain).assign(np.asarray(layer.kernel) / sigma)
    if bias(plain) is not None:
        bias(plain).assign(bias(layer))
    for training in (False, True, True):
        np.testing.assert_allclose(layer(inputs, training=training), plain(inputs), rtol=1e-4, atol=1e-5)


@each_case
def test_normalised_before_the_first_training_call(case):
    layer = case.build()
    assert top_pair(case.matrix(layer.normalized_kernel()))[0] == pytest.approx(1.0, abs=1e-4)
    assert float(layer.spectral_norm()) == pytest.approx(top_pair(case.matrix(layer.kernel))[0], rel=1e-4)


@each_case
def test_a_kernel_that_was_assigned_is_normalised_at_once_after_a_reset_of_the_vector(case):
    layer = case.build()
    layer.kernel.assign(np.random.default_rng(3).normal(size=layer.kernel.shape))  # as one that was trained elsewhere
    assert top_pair(case.matrix(layer.normalized_kernel()))[0] > 1.01
    layer.reset_vector()
    sigma, u, _ = top_pair(case.matrix(layer.kernel))
    assert top_pair(case.matrix(layer.normalized_kernel()))[0] == pytest.approx(1.0, abs=1e-4)
    assert float(layer.spectral_norm()) == pytest.approx(sigma, rel=1e-4)
    assert abs(layer.u.numpy() @ u) == pytest.approx(1.0, abs=1e-4)


def test_before_the_layer_is_built_there_is_no_vector_to_reset():
    layer = CASES["dense"].make()
    layer.reset_vector()
    assert not layer.built


@each_case
def test_converges_to_the_singular_value_decomposition_from_anywhere(case):
    layer, inputs = case.build(power_iterations=5), case.inputs()
    layer.u.assign(away(layer))
    step = tf.function(lambda: layer(inputs, training=True))
    for _ in range(200):
        step()
    sigma, u, _ = top_pair(case.matrix(layer.kernel))
    assert float(layer.spectral_norm()) == pytest.approx(sigma, rel=1e-5)
    assert abs(layer.u.numpy() @ u) == pytest.approx(1.0, abs=1e-4)


@each_in_float64
def test_gradient_flows_through_sigma_as_in_the_paper(case):
    layer, inputs = case.build(dtype="float64", activation=None), case.inputs(dtype="float64")
    plain = case.build_plain(dtype="float64", activation=None)
    weights = np.random.default_rng(1).normal(size=plain(inputs).shape)
    _, delta = value_and_gradient(plain, inputs, weights)  # the layer is linear: ∂V/∂W̄ is the same at any kernel
    _, received = value_and_gradient(layer, inputs, weights)
    sigma, u, v = top_pair(case.matrix(layer.kernel))
    expected = gradient(case.matrix(layer.kernel), case.matrix(delta), sigma, u, v)
    np.testing.assert_allclose(case.matrix(received), expected, rtol=1e-6, atol=1e-8)


@each_in_float64
def test_gradient_equals_finite_differences_of_the_exactly_normalised_layer(case):
    layer, inputs = case.build(dtype="float64", use_bias=False, activation=None), case.inputs(dtype="float64")
    plain = case.build_plain(dtype="float64", use_bias=False, activation=None)
    weights = np.random.default_rng(1).normal(size=plain(inputs).shape)
    kernel = layer.kernel.numpy()
    direction = np.random.default_rng(2).normal(size=kernel.shape)

    def value(kernel):
        raw(plain).assign(kernel / top_pair(case.matrix(kernel))[0])
        return np.sum(weights * plain(inputs).numpy())

    step = 1e-6
    slope = (value(kernel + step * direction) - value(kernel - step * direction)) / (2 * step)
    _, received = value_and_gradient(layer, inputs, weights)
    assert np.sum(received * direction) == pytest.approx(slope, rel=1e-5, abs=1e-6)


@each_case
@pytest.mark.parametrize("times", [1, 3])
def test_a_training_call_makes_the_power_iterations_of_the_paper(case, times):
    layer, inputs = case.build(power_iterations=times, activation=None), case.inputs()
    plain = case.build_plain(activation=None)
    weights = np.random.default_rng(1).normal(size=plain(inputs).shape).astype("float32")
    matrix = case.matrix(layer.kernel)
    _, delta = value_and_gradient(plain, inputs, weights)
    u = away(layer)
    layer.u.assign(u)
    for _ in range(2):
        u, v = power_iterations(matrix, u, times)
        _, received = value_and_gradient(layer, inputs, weights)
        np.testing.assert_allclose(layer.u, u, rtol=1e-4, atol=1e-5)
        expected = gradient(matrix, case.matrix(delta), u @ matrix @ v, u, v)  # ũ and ṽ, converged or not
        np.testing.assert_allclose(case.matrix(received), expected, rtol=1e-3, atol=1e-3 * np.abs(expected).max())


@each_case
def test_inference_and_frozen_calls_use_the_stored_vector_and_leave_it(case):
    layer, inputs = case.build(), case.inputs()
    u = away(layer)
    layer.u.assign(u)
    sigma = np.linalg.norm(case.matrix(layer.kernel).T @ u)  # ũᵀWṽ with ṽ = Wᵀũ/‖Wᵀũ‖
    np.testing.assert_allclose(layer.normalized_kernel(), np.asarray(layer.kernel) / sigma, rtol=1e-5)
    layer(inputs)
    layer(inputs, training=False)
    layer.spectral_norm()
    layer.trainable = False
    layer(inputs, training=True)
    np.testing.assert_array_equal(layer.u, u)
    layer.trainable = True
    layer(inputs, training=True)
    assert not np.array_equal(layer.u, u)


@each_case
def test_the_raw_kernel_is_never_touched(case):
    layer, inputs = case.build(), case.inputs()
    kernel = layer.kernel.numpy()
    for _ in range(3):
        layer(inputs, training=True)
    np.testing.assert_array_equal(layer.kernel, kernel)
    assert "u" not in [weight.name for weight in layer.trainable_weights]
    assert [weight.name for weight in layer.non_trainable_weights] == ["u"]


@pytest.mark.parametrize("name", ["dense", "wrapped_dense"])
def test_a_kernel_of_zeros_gives_finite_values_and_keeps_the_vector(name):
    for units in (3, 8):
        layer = CASES[name].make(units=units, kernel_initializer="zeros")
        layer.build((None, 5))
        u = layer.u.numpy()
        assert np.linalg.norm(u) == pytest.approx(1.0)
        value, received = value_and_gradient(layer, np.ones((2, 5), "float32"), 1.0)
        assert value == 0
        assert np.isfinite(received).all()
        np.testing.assert_array_equal(layer.u, u)
        layer.kernel.assign(keras.random.normal((5, units)))  # the optimizer moves on: the vector must still work
        step = tf.function(lambda layer=layer: layer(np.ones((2, 5), "float32"), training=True))
        for _ in range(200):
            step()
        assert top_pair(np.asarray(layer.normalized_kernel()))[0] == pytest.approx(1.0, abs=1e-3)


def test_keras_own_wrapper_still_overwrites_the_kernel():
    """Why these layers exist. When this fails, Keras has changed: compare its gradient with the oracle again."""
    layer = keras.layers.SpectralNormalization(keras.layers.Dense(4))
    layer.build((None, 7))
    kernel = layer.layer.kernel.numpy()
    layer(np.ones((2, 7), "float32"), training=True)
    assert not np.allclose(layer.layer.kernel, kernel)
