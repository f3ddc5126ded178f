"""What is appended, and where."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan_tricks.layers import LabelConcat

RNG = np.random.default_rng(10)


def test_a_vector_is_followed_by_its_one_hot_label():
    z = RNG.normal(size=(3, 4)).astype("float32")
    outputs = LabelConcat(classes=5)([z, np.array([4, 0, 2])])
    np.testing.assert_array_equal(outputs, np.hstack([z, np.eye(5)[[4, 0, 2]]]).astype("float32"))


def test_each_pixel_of_an_image_is_followed_by_it():
    images = RNG.normal(size=(3, 2, 4, 2)).astype("float32")
    outputs = np.asarray(LabelConcat(classes=3)([images, np.array([[1], [2], [0]])]))
    for n, label in enumerate([1, 2, 0]):
        for i in range(2):
            for j in range(4):
                expected = [*images[n, i, j], *(float(k == label) for k in range(3))]
                np.testing.assert_array_equal(outputs[n, i, j], expected)


def test_weights_per_class_are_appended_as_they_are():
    z, weights = RNG.normal(size=(3, 4)).astype("float32"), RNG.uniform(size=(3, 2)).astype("float32")
    np.testing.assert_array_equal(LabelConcat(classes=2)([z, weights])[:, 4:], weights)


def test_one_graph_serves_images_of_any_size():
    layer = LabelConcat(classes=3)
    signature = [tf.TensorSpec((None, None, None, 2)), tf.TensorSpec((None,), "int32")]
    compute = tf.function(lambda images, labels: layer([images, labels]), input_signature=signature)
    for size in [(2, 4), (5, 3)]:
        images = RNG.normal(size=(2, *size, 2)).astype("float32")
        outputs = compute(images, tf.constant([2, 0]))
        assert outputs.shape == (2, *size, 5)
        np.testing.assert_array_equal(outputs[..., :2], images)
        np.testing.assert_array_equal(outputs[0, ..., 2:], np.broadcast_to([0, 0, 1], (*size, 3)))


@pytest.mark.parametrize("xla", [False, True])
def test_a_label_out_of_range_is_an_error_in_eager_calls_and_zeros_in_a_graph(xla):
    z, labels = RNG.normal(size=(3, 4)).astype("float32"), np.array([-1, 1, 2])
    layer = LabelConcat(classes=2)
    with pytest.raises(ValueError, match=r"label -1, 2 for classes=2"):
        layer([z, labels])
    outputs = tf.function(lambda z, labels: layer([z, labels]), jit_compile=xla)(z, labels)
    np.testing.assert_array_equal(outputs[:, 4:], [[0, 0], [0, 1], [0, 0]])


def test_infinite_values_do_not_reach_the_label():
    z = np.array([[np.inf, np.nan, 1.0]], "float32")
    np.testing.assert_array_equal(LabelConcat(classes=2)([z, np.array([1])])[:, 3:], [[0.0, 1.0]])


def test_classes_must_be_at_least_one():
    with pytest.raises(ValueError, match="`classes`"):
        LabelConcat(0)
