"""Keras' own test of a layer: weights, shapes, symbolic and eager calls, a training step, mixed precision."""

import keras
import pytest
from keras.src.testing import TestCase

from tests.conformance.running import is_layer, over


@over(is_layer)
def test_layer_passes_the_harness_of_keras(case):
    layer = case.build()
    TestCase().run_layer_test(
        case.factory,
        init_kwargs=case.arguments,
        input_shape=case.shapes[0],
        expected_output_shape=case.output_shape,
        expected_num_trainable_weights=len(layer.trainable_weights),
        expected_num_non_trainable_weights=len(layer.non_trainable_weights),
        expected_num_seed_generators=0,  # randomness comes from the seed of the update
        expected_num_losses=0,
    )


@over(is_layer)
def test_output_shape_is_computed_before_the_call(case):
    layer = case.build()
    assert tuple(layer.compute_output_shape(case.shapes[0])) == case.output_shape
    assert tuple(layer.compute_output_shape((None, *case.shapes[0][1:]))) == (None, *case.output_shape[1:])


@over(is_layer)
def test_layer_takes_a_symbolic_batch_of_unknown_size(case):
    outputs = case.build()(keras.Input(case.shapes[0][1:]))
    assert tuple(outputs.shape) == (None, *case.output_shape[1:])


def test_the_harness_finds_a_wrong_shape():
    with pytest.raises(AssertionError, match="Expected output shapes"):
        TestCase().run_layer_test(keras.layers.Dense, {"units": 2}, input_shape=(2, 3), expected_output_shape=(2, 3))
