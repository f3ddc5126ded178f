"""One label per example: what each layer that takes labels says when their numbers differ."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_tricks.layers import (
    ConditionalBatchNorm,
    ConditionalInstanceNorm,
    LabelChannel,
    LabelConcat,
    LabelModulation,
    Modulated,
    ProjectionHead,
)

IMAGES = np.random.default_rng(0).normal(size=(4, 2, 3, 5)).astype("float32")
LAYERS = {
    "ConditionalBatchNorm": lambda: ConditionalBatchNorm(3),
    "ConditionalInstanceNorm": lambda: ConditionalInstanceNorm(3),
    "LabelChannel": lambda: LabelChannel(3, embedding_dim=2),
    "LabelConcat": lambda: LabelConcat(3),
    "LabelModulation": lambda: LabelModulation(3),
    "Modulated": lambda: Modulated(keras.layers.UnitNormalization(), LabelModulation(3)),
    "ProjectionHead": lambda: ProjectionHead(3),
}
LABELS = {
    "one": np.array([1]),
    "two": np.array([[1], [0]]),
    "more": np.array([0, 1, 2, 0, 1]),
    "weights": np.eye(3, dtype="float32")[:1],
}
each_layer = pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS.keys())
each_labels = pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS.keys())


def refused(labels):
    count = "1 label" if len(labels) == 1 else f"{len(labels)} labels"
    shapes = [str(shape).replace("(", r"\(").replace(")", r"\)") for shape in (labels.shape, IMAGES.shape)]
    match = rf"(?s)one label per example.*Received: {count} of shape {shapes[0]} for 4 examples of shape {shapes[1]}"
    return pytest.raises(ValueError, match=match)


@each_layer
@each_labels
def test_another_number_of_labels_than_of_examples_is_refused(make, labels):
    with refused(labels):
        make()([IMAGES, labels])
    layer = make()
    layer([IMAGES, np.array([0, 1, 2, 0])])
    with refused(labels):  # once built, too
        layer([IMAGES, labels])
    with refused(labels):
        tf.function(lambda: layer([IMAGES, labels]))()


@each_layer
def test_shapes_alone_are_refused_where_both_numbers_are_known(make):
    shapes = [(4, 2, 3, 5), (2,)]
    for refuse in (make().build, make().compute_output_shape):
        with refused(np.zeros(2)):
            refuse(shapes)
    with refused(np.zeros(2)):
        make()([keras.Input(batch_shape=shapes[0]), keras.Input(batch_shape=shapes[1], dtype="int32")])


@each_layer
def test_a_number_that_is_not_known_fits_any(make):
    layer = make()
    for x, label in ((None, 4), (4, None), (None, None)):
        layer.compute_output_shape([(x, 2, 3, 5), (label,)])
        layer([keras.Input(batch_shape=(x, 2, 3, 5)), keras.Input(batch_shape=(label,), dtype="int32")])
    signature = [tf.TensorSpec((None, 2, 3, 5)), tf.TensorSpec((None,), "int32")]
    compute = tf.function(lambda x, labels: layer([x, labels]), input_signature=signature)
    labels = np.array([0, 1, 2, 0], "int32")
    for received, expected in zip(
        tf.nest.flatten(compute(IMAGES, labels)), tf.nest.flatten(layer([IMAGES, labels])), strict=True
    ):
        np.testing.assert_allclose(received, expected, rtol=1e-5, atol=1e-6)
