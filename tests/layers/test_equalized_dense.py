"""Dense layers with an equalised learning rate against matrix products, torch and one step of Adam."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from convolution_oracle import assert_value_and_slopes

from tfgan_tricks.layers import EqualizedDense

INPUTS = np.random.default_rng(0).normal(size=(6, 5))


@pytest.mark.parametrize("options", [{}, {"gain": 1.0}, {"gain": 0.7, "learning_rate_multiplier": 0.01}], ids=str)
def test_is_the_product_with_the_scaled_kernel(options):
    gain, m = options.get("gain", np.sqrt(2)), options.get("learning_rate_multiplier", 1.0)
    layer = EqualizedDense(4, activation="tanh", dtype="float64", **options)
    oracle = lambda x, kernel, bias: np.tanh(m * gain / np.sqrt(5) * x @ kernel + m * bias)  # noqa: E731
    assert_value_and_slopes(layer, oracle, INPUTS)


def test_agrees_with_torch():
    torch = pytest.importorskip("torch")
    layer = EqualizedDense(4)
    received = layer(INPUTS)
    weight = torch.tensor(layer.kernel.numpy().T) * (2 / 5) ** 0.5
    expected = torch.nn.functional.linear(torch.tensor(INPUTS, dtype=torch.float32), weight)
    np.testing.assert_allclose(received, expected.numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("multiplier", [1.0, 0.01])
def test_the_raw_kernel_is_standard_normal_over_the_multiplier(multiplier):
    layer = EqualizedDense(300, learning_rate_multiplier=multiplier)
    layer.build((None, 200))
    kernel = layer.kernel.numpy() * multiplier  # 60 000 draws
    assert abs(kernel.mean()) < 0.02
    assert kernel.std() == pytest.approx(1.0, abs=0.015)
    assert np.mean(np.abs(kernel) < 1.0) == pytest.approx(0.6827, abs=0.01)
    np.testing.assert_array_equal(layer.bias, 0.0)
    assert layer.scale * layer.kernel.numpy().std() == pytest.approx(np.sqrt(2 / 200), rel=0.015)


def test_the_gradient_carries_the_scale():
    layer, plain = EqualizedDense(4, gain=0.5, dtype="float64"), keras.layers.Dense(4, dtype="float64")
    for each in (layer, plain):
        each.build(INPUTS.shape)
    plain.kernel.assign(layer.kernel * layer.scale)
    gradients = []
    for each in (layer, plain):
        with tf.GradientTape() as tape:
            total = tf.reduce_sum(tf.cos(each(INPUTS)))
        gradients.append(tape.gradient(total, each.kernel.value))
    assert layer.scale == pytest.approx(0.5 / np.sqrt(5))
    np.testing.assert_allclose(gradients[0], 0.5 / np.sqrt(5) * gradients[1], rtol=1e-10)


def test_a_step_of_adam_moves_what_is_used_by_the_scale_times_the_multiplier():
    moved = []
    for multiplier in (1.0, 0.25):
        layer = EqualizedDense(4, use_bias=False, learning_rate_multiplier=multiplier)
        layer.build(INPUTS.shape)
        before = layer.scale * layer.kernel.numpy()
        gradient = np.random.default_rng(0).normal(size=layer.kernel.shape)
        keras.optimizers.Adam(0.1).apply([tf.constant(gradient, "float32")], [layer.kernel])
        moved.append(np.abs(layer.scale * layer.kernel.numpy() - before))
    np.testing.assert_allclose(moved[0], 0.1 * np.sqrt(2 / 5), rtol=1e-3)
    np.testing.assert_allclose(moved[1], 0.25 * moved[0], rtol=1e-3)


def test_the_kernel_is_scaled_before_it_is_rounded():
    layer = EqualizedDense(50, use_bias=False, dtype="mixed_bfloat16")
    layer.build((None, 3))
    received = tf.cast(layer(np.eye(3, dtype="float32")), "float32")  # the kernel that was used, row by row
    kernel, scale = layer.kernel.numpy(), np.float32(layer.scale)
    rounded = lambda x: tf.cast(tf.cast(x, "bfloat16"), "float32").numpy()  # noqa: E731
    np.testing.assert_array_equal(received, rounded(kernel * scale))
    assert np.any(rounded(kernel * scale) != rounded(rounded(kernel) * rounded(scale)))


def test_an_initializer_of_ones_own_is_kept():
    layer = EqualizedDense(4, kernel_initializer="zeros")
    np.testing.assert_array_equal(layer(INPUTS), 0.0)
    again = EqualizedDense.from_config(layer.get_config())
    assert isinstance(again.kernel_initializer, keras.initializers.Zeros)


def test_takes_sequences():
    assert tuple(EqualizedDense(4)(np.ones((2, 7, 5))).shape) == (2, 7, 4)


@pytest.mark.parametrize(
    "arguments", [{"units": 0}, {"units": 3, "gain": 0.0}, {"units": 3, "learning_rate_multiplier": -1.0}], ids=str
)
def test_refuses_sizes_and_scales_that_are_not_positive(arguments):
    with pytest.raises(ValueError, match=r"(?s)Received: \w+=(0|0\.0|-1\.0)\n.*Fix"):
        EqualizedDense(**arguments)


def test_refuses_what_needs_another_kernel():
    layer = EqualizedDense(3)
    layer.build((None, 2))
    for request in (lambda: layer.enable_lora(2), lambda: layer.quantize("int8")):
        with pytest.raises(NotImplementedError, match="EqualizedDense does not support"):
            request()
    with pytest.raises(NotImplementedError, match="quantization"):
        EqualizedDense(3, dtype="int8_from_float32")
