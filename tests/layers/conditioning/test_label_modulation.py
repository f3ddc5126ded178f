"""Rows of the table by label: which row, whose gradient, and what a label of no class gives."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_tricks.layers import LabelModulation, Modulated, PixelNorm

RNG = np.random.default_rng(1)
X = RNG.normal(size=(5, 2, 3, 4)).astype("float32")
GAMMA, BETA = RNG.normal(size=(2, 3, 4)).astype("float32")


def layer_with_rows(label_shape=(5,)) -> LabelModulation:
    layer = LabelModulation(classes=3)
    layer.build([X.shape, label_shape])
    layer.gamma.assign(GAMMA)
    layer.beta.assign(BETA)
    return layer


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8"])
@pytest.mark.parametrize("shape", [(5,), (5, 1)])
def test_each_example_gets_the_rows_of_its_label(shape, dtype):
    labels = np.array([2, 0, 1, 1, 2])
    scale, offset = layer_with_rows(shape)([X, labels.reshape(shape).astype(dtype)])
    assert scale.shape == offset.shape == (5, 1, 1, 4)
    for i, label in enumerate(labels):
        np.testing.assert_array_equal(scale[i, 0, 0], GAMMA[label])
        np.testing.assert_array_equal(offset[i, 0, 0], BETA[label])


def test_every_class_starts_as_the_plain_norm():
    scale, offset = LabelModulation(classes=3)([X, np.array([2, 0, 1, 1, 2])])
    np.testing.assert_array_equal(scale, np.ones((5, 1, 1, 4)))
    np.testing.assert_array_equal(offset, np.zeros((5, 1, 1, 4)))


def test_weights_per_class_mix_the_rows():
    weights = RNG.dirichlet(np.ones(3), size=5).astype("float32")
    scale, offset = layer_with_rows((5, 3))([X, weights])
    for i in range(5):
        np.testing.assert_allclose(scale[i, 0, 0], sum(weights[i, k] * GAMMA[k] for k in range(3)), rtol=1e-5)
        np.testing.assert_allclose(offset[i, 0, 0], sum(weights[i, k] * BETA[k] for k in range(3)), rtol=1e-5)


@pytest.mark.parametrize("dtype", ["float32", "int32"])
def test_one_hot_weights_give_what_their_number_gives(dtype):
    labels = np.array([2, 0, 1, 1, 2])
    layer = layer_with_rows()
    for one, other in zip(layer([X, np.eye(3)[labels].astype(dtype)]), layer([X, labels]), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def test_gradient_reaches_only_the_rows_that_occur_and_adds_up_where_they_repeat():
    layer = layer_with_rows()
    slopes = RNG.normal(size=(2, 5, 1, 1, 4)).astype("float32")
    with tf.GradientTape() as tape:
        scale, offset = layer([X, np.array([2, 0, 2, 2, 0])])
        total = tf.reduce_sum(slopes[0] * scale) + tf.reduce_sum(slopes[1] * offset)
    for slope, received in zip(slopes[:, :, 0, 0], tape.gradient(total, layer.trainable_variables), strict=True):
        assert isinstance(received, tf.Tensor)  # dense
        np.testing.assert_allclose(received[0], slope[1] + slope[4], rtol=1e-5)
        np.testing.assert_array_equal(received[1], np.zeros(4))
        np.testing.assert_allclose(received[2], slope[0] + slope[2] + slope[3], rtol=1e-5)


@pytest.mark.parametrize(("labels", "outside"), [([0, 1, 3, 2, 2], "3"), ([0, -1, 1, 9, 2], "-1, 9")])
def test_a_label_out_of_range_is_an_error_in_eager_calls(labels, outside):
    with pytest.raises(ValueError, match=rf"(?s)out of range.*label {outside} for classes=3.*from 0 to 2"):
        layer_with_rows()([X, np.array(labels)])


@pytest.mark.parametrize("xla", [False, True])
def test_in_a_graph_a_label_out_of_range_gives_the_plain_norm_and_no_gradient(xla):
    layer = Modulated(PixelNorm(), layer_with_rows())
    labels = tf.constant([0, -1, 3, 2, 1_000_000])

    @tf.function(jit_compile=xla)
    def compute(x, labels):
        with tf.GradientTape() as tape:
            outputs = layer([x, labels])
        return outputs, tape.gradient(outputs, [variable.value for variable in layer.trainable_variables])

    outputs, gradients = compute(X, labels)
    plain = X / np.sqrt((X**2).mean(3, keepdims=True) + 1e-8)
    for i, label in enumerate([0, None, None, 2, None]):
        expected = plain[i] if label is None else GAMMA[label] * plain[i] + BETA[label]
        np.testing.assert_allclose(outputs[i], expected, rtol=1e-4, atol=1e-5)
    gamma_slope, beta_slope = gradients
    np.testing.assert_allclose(gamma_slope, [plain[0].sum((0, 1)), np.zeros(4), plain[3].sum((0, 1))], rtol=1e-4)
    np.testing.assert_allclose(beta_slope, [[6.0] * 4, [0.0] * 4, [6.0] * 4])


def test_float_class_numbers_are_refused_with_the_type_to_use():
    with pytest.raises(ValueError, match=r"(?s)must be integers.*float32.*dtype=\"int32\""):
        layer_with_rows()([X, np.array([0.0, 1.0, 2.0, 1.0, 0.0], "float32")])


@pytest.mark.parametrize("shape", [(5, 4), (5, 1, 1), ()])
def test_labels_of_a_wrong_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"(?s)labels of the wrong shape.*\(n,\) or \(n, 1\)"):
        LabelModulation(classes=3).build([X.shape, shape])


@pytest.mark.parametrize("classes", [0, -2, 2.0, True])
def test_a_count_of_classes_that_is_none_is_refused(classes):
    with pytest.raises(ValueError, match="`classes` must be an integer"):
        LabelModulation(classes)


def test_x_must_have_a_known_number_of_channels():
    with pytest.raises(ValueError, match=r"(?s)known number of channels.*\(None, 4, None\)"):
        LabelModulation(3).build([(None, 4, None), (None,)])


def test_a_generator_with_an_integer_input_trains():
    images, labels = keras.Input((2, 3, 4)), keras.Input((), dtype="int32")
    model = keras.Model([images, labels], Modulated(PixelNorm(), LabelModulation(classes=3))([images, labels]))
    model.compile(keras.optimizers.SGD(1.0), loss="mse")
    model.fit([X, np.array([2, 0, 2, 2, 0])], np.zeros_like(X), batch_size=5, verbose=0)
    gamma, _ = model.trainable_variables
    assert np.abs(gamma.numpy()[[0, 2]] - 1).min() > 1e-3
    np.testing.assert_array_equal(gamma[1], np.ones(4))
