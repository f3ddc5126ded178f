"""Any norm with any modulation, against NumPy and against Keras' norms with the same scale and offset."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_tricks.layers import InstanceNorm, LabelModulation, Modulated, Modulation, PixelNorm, StyleModulation

RNG = np.random.default_rng(0)
X = RNG.normal(2.0, 3.0, size=(6, 4, 5, 3)).astype("float32")
LABELS = np.array([2, 0, 2, 3, 0, 2])
GAMMA, BETA = RNG.normal(1.0, 0.5, size=(2, 4, 3)).astype("float32")
BARE = {"center": False, "scale": False}


def with_rows(norm) -> Modulated:
    """Returns the norm, modulated by label with GAMMA and BETA."""
    layer = Modulated(norm, LabelModulation(classes=4))
    layer.build([X.shape, LABELS.shape])
    layer.modulation.gamma.assign(GAMMA)
    layer.modulation.beta.assign(BETA)
    return layer


def normalized(x, axes, epsilon):
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + epsilon)


NORMS = {
    "batch": (keras.layers.BatchNormalization(epsilon=1e-2, **BARE), lambda x: normalized(x, (0, 1, 2), 1e-2)),
    "layer": (keras.layers.LayerNormalization(epsilon=1e-2, **BARE), lambda x: normalized(x, 3, 1e-2)),
    "instance": (InstanceNorm(epsilon=1e-2, **BARE), lambda x: normalized(x, (1, 2), 1e-2)),
    "one_group_per_channel": (
        keras.layers.GroupNormalization(groups=-1, epsilon=1e-2, **BARE),
        lambda x: normalized(x, (1, 2), 1e-2),
    ),
    "pixel": (PixelNorm(epsilon=1e-2), lambda x: x / np.sqrt((x**2).mean(3, keepdims=True) + 1e-2)),
    "none": (keras.layers.Identity(), lambda x: x),
}


@pytest.mark.parametrize("norm", NORMS)
def test_each_norm_is_scaled_and_shifted_by_the_rows_of_the_labels(norm):
    layer, formula = NORMS[norm]
    expected = formula(X.astype("float64"))
    for i, label in enumerate(LABELS):
        expected[i] = GAMMA[label] * expected[i] + BETA[label]
    received = with_rows(type(layer).from_config(layer.get_config()))([X, LABELS], training=True)
    np.testing.assert_allclose(received, expected, rtol=1e-4, atol=1e-5)


def test_with_one_label_it_is_the_batch_norm_of_keras_with_that_row_training_and_inference_alike():
    ours = with_rows(keras.layers.BatchNormalization(momentum=0.6, **BARE))
    keras_norm = keras.layers.BatchNormalization(momentum=0.6)
    keras_norm.build(X.shape)
    keras_norm.gamma.assign(GAMMA[2])
    keras_norm.beta.assign(BETA[2])
    for step in range(3):
        x = (1 + step) * X
        received, expected = ours([x, np.full(6, 2)], training=True), keras_norm(x, training=True)
        np.testing.assert_allclose(received, expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(ours.norm.moving_mean, keras_norm.moving_mean, rtol=1e-6)
    np.testing.assert_allclose(ours.norm.moving_variance, keras_norm.moving_variance, rtol=1e-6)
    received, expected = ours([X, np.full(6, 2)], training=False), keras_norm(X, training=False)
    np.testing.assert_allclose(received, expected, rtol=1e-5, atol=1e-5)


def test_gradients_are_those_of_the_formula():
    layer = with_rows(InstanceNorm(epsilon=1e-2, **BARE))
    weights = RNG.normal(size=X.shape)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(weights * tf.cast(layer([X, LABELS]), "float64"))
    gamma_slope, beta_slope = tape.gradient(total, [layer.modulation.gamma.value, layer.modulation.beta.value])
    x_hat = normalized(X.astype("float64"), (1, 2), 1e-2)
    expected_gamma, expected_beta = np.zeros((2, 4, 3))
    for i, label in enumerate(LABELS):
        expected_gamma[label] += (weights[i] * x_hat[i]).sum((0, 1))
        expected_beta[label] += weights[i].sum((0, 1))
    np.testing.assert_allclose(gamma_slope, expected_gamma, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(beta_slope, expected_beta, rtol=1e-4, atol=1e-4)
    for slope in (gamma_slope, beta_slope):
        np.testing.assert_array_equal(slope[1], np.zeros(3))  # no example has label 1


@keras.saving.register_keras_serializable("tests")
class Checkerboard(Modulation):
    """Scale ±c and offset c per position: a modulation as a user would write it."""

    def call(self, inputs, training=False):
        x, condition = inputs
        signs = np.where(np.indices((4, 5)).sum(0) % 2, 1.0, -1.0)[None, :, :, None]
        value = keras.ops.reshape(condition, (-1, 1, 1, 1))
        return keras.ops.cast(signs, x.dtype) * value, value * (2.0 if training else 1.0)

    def compute_output_shape(self, input_shape):
        return (input_shape[0][0], *input_shape[0][1:3], 1), (input_shape[0][0], 1, 1, 1)


def test_a_modulation_of_ones_own_composes_is_told_of_training_and_is_saved(tmp_path):
    inputs = [keras.Input(X.shape[1:]), keras.Input((1,))]
    model = keras.Model(inputs, Modulated(keras.layers.Identity(), Checkerboard())(inputs))
    condition = RNG.normal(size=(6, 1)).astype("float32")
    expected = np.array(
        [[[X[n, i, j] * (1 if (i + j) % 2 else -1) + 1 for j in range(5)] for i in range(4)] for n in range(6)]
    ) * condition.reshape((6, 1, 1, 1))
    np.testing.assert_allclose(model([X, condition]), expected, rtol=1e-5, atol=1e-5)
    in_training = expected + condition.reshape((6, 1, 1, 1))
    np.testing.assert_allclose(model([X, condition], training=True), in_training, rtol=1e-5, atol=1e-5)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again([X, condition]), model([X, condition]))


def test_the_norm_computes_statistics_in_float32_under_mixed_precision():
    keras.config.set_dtype_policy("mixed_float16")
    layer = Modulated(InstanceNorm(**BARE), StyleModulation())
    x = (300.0 + X).astype("float16")  # its squares overflow float16
    outputs = layer([x, np.zeros((6, 2), "float16")])
    assert outputs.dtype == "float16"
    expected = normalized(x.astype("float64"), (1, 2), 1e-5)
    np.testing.assert_allclose(np.asarray(outputs, "float32"), expected, rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize(
    "norm",
    [keras.layers.BatchNormalization(), keras.layers.LayerNormalization(center=False), InstanceNorm(scale=False)],
)
def test_a_norm_with_its_own_scale_or_offset_is_refused(norm):
    with pytest.raises(ValueError, match=r"(?s)must not scale or shift.*center=False, scale=False"):
        Modulated(norm, LabelModulation(classes=4))


def test_a_norm_that_makes_its_scale_when_built_is_refused_then():
    layer = Modulated(keras.layers.RMSNormalization(), LabelModulation(classes=4))
    with pytest.raises(ValueError, match=r"(?s)must not scale or shift.*RMSNormalization with scale"):
        layer.build([X.shape, LABELS.shape])


def test_what_is_no_norm_or_no_modulation_is_refused():
    with pytest.raises(TypeError, match=r"(?s)`norm`.*LayerNormalization"):
        Modulated("batch", LabelModulation(classes=4))
    with pytest.raises(TypeError, match=r"(?s)`modulation`.*LabelModulation"):
        Modulated(PixelNorm(), keras.layers.Dense(3))


def test_a_norm_that_changes_the_shape_or_values_that_do_not_broadcast_are_refused():
    with pytest.raises(ValueError, match=r"(?s)do not fit.*\(6, 4, 5, 2\)"):
        Modulated(keras.layers.Dense(2), LabelModulation(classes=4)).build([X.shape, (6,)])
    with pytest.raises(ValueError, match="do not fit"):
        Modulated(PixelNorm(), FlatModulation()).build([X.shape, (6, 1)])


class FlatModulation(Modulation):
    """Says [n, channels] for images, which would broadcast to the wrong axes."""

    def compute_output_shape(self, input_shape):
        return (input_shape[0][0], 3), (input_shape[0][0], 3)


@pytest.mark.parametrize("inputs", [X, [X], [X, LABELS, LABELS]])
def test_anything_but_two_inputs_is_refused(inputs):
    with pytest.raises(ValueError, match=r"(?s)two inputs in a list.*\[x, condition\]"):
        Modulated(PixelNorm(), LabelModulation(classes=4))(inputs)


def test_the_protocol_names_what_a_modulation_must_implement():
    with pytest.raises(NotImplementedError, match="must implement call"):
        FlatModulation()([X, LABELS])
