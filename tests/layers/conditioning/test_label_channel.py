"""Where the plane is, and what is in it."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_tricks.layers import LabelChannel

RNG = np.random.default_rng(9)
IMAGES = RNG.normal(size=(4, 3, 5, 2)).astype("float32")


def built(label_shape=(4,)) -> LabelChannel:
    layer = LabelChannel(classes=3, embedding_dim=2)
    layer.build([IMAGES.shape, label_shape])
    layer.embeddings.assign(RNG.normal(size=(3, 2)))
    layer.to_plane.bias.assign(RNG.normal(size=15))
    return layer


def plane(layer, embedded):
    """Returns the plane of one embedding, pixel by pixel in rows."""
    kernel, bias = layer.to_plane.kernel.numpy(), layer.to_plane.bias.numpy()
    return np.array([[embedded @ kernel[:, 5 * i + j] + bias[5 * i + j] for j in range(5)] for i in range(3)])


def test_the_image_stays_and_the_last_channel_is_the_plane_of_its_label():
    layer = built()
    outputs = np.asarray(layer([IMAGES, np.array([2, 0, 2, 1])]))
    assert outputs.shape == (4, 3, 5, 3)
    np.testing.assert_array_equal(outputs[..., :2], IMAGES)
    for i, label in enumerate([2, 0, 2, 1]):
        expected = plane(layer, layer.embeddings.numpy()[label])
        np.testing.assert_allclose(outputs[i, :, :, 2], expected, rtol=1e-5, atol=1e-6)


def test_weights_per_class_mix_the_embeddings():
    layer, weights = built((4, 3)), RNG.dirichlet(np.ones(3), size=4).astype("float32")
    outputs = layer([IMAGES, weights])
    for i in range(4):
        embedded = sum(weights[i, k] * layer.embeddings.numpy()[k] for k in range(3))
        np.testing.assert_allclose(outputs[i, :, :, 2], plane(layer, embedded), rtol=1e-5, atol=1e-5)


def test_embeddings_of_labels_that_do_not_occur_get_no_gradient():
    layer = built()
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(tf.sin(layer([IMAGES, np.array([2, 0, 2, 2])])))
    gradient = np.asarray(tape.gradient(total, layer.embeddings.value))
    assert np.abs(gradient[[0, 2]]).min() > 1e-4
    np.testing.assert_array_equal(gradient[1], np.zeros(2))


def test_a_label_out_of_range_is_an_error_in_eager_calls_and_the_bias_in_a_graph():
    layer = built()
    labels = np.array([2, 3, -1, 1])
    with pytest.raises(ValueError, match=r"label -1, 3 for classes=3"):
        layer([IMAGES, labels])
    outputs = tf.function(lambda images, labels: layer([images, labels]))(IMAGES, labels)
    for i in (1, 2):
        np.testing.assert_allclose(outputs[i, :, :, 2], plane(layer, np.zeros(2)), rtol=1e-5)


def test_images_of_unknown_size_are_refused():
    with pytest.raises(ValueError, match=r"(?s)height and width.*LabelConcat"):
        LabelChannel(3, 2)([keras.Input((None, 5, 2)), keras.Input((), dtype="int32")])


def test_vectors_are_refused():
    with pytest.raises(ValueError, match=r"(?s)wrong shape.*LabelConcat"):
        LabelChannel(3, 2).build([(4, 7), (4,)])


@pytest.mark.parametrize("arguments", [{"classes": 0, "embedding_dim": 2}, {"classes": 3, "embedding_dim": 0}])
def test_sizes_must_be_at_least_one(arguments):
    with pytest.raises(ValueError, match="must be an integer of at least 1"):
        LabelChannel(**arguments)
