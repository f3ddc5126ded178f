"""Keras' own test of a layer: weights, shapes, symbolic and eager calls, a training step, mixed precision."""

import keras
import pytest
from keras.src.testing import TestCase

from tests.conformance.running import is_layer, over, symbolic, takes_a_seed


def shapes_in(computed) -> list[tuple]:
    """Returns one shape or several as a list."""
    return [tuple(shape) for shape in computed] if isinstance(computed[0], list | tuple) else [tuple(computed)]


@over(is_layer, holding="harness")
def test_layer_passes_the_harness_of_keras(case):
    layer = case.build()
    TestCase().run_layer_test(
        case.factory,
        init_kwargs=case.arguments,
        # Several inputs are a tuple here: the harness trains from a generator, which must not yield lists.
        input_shape=case.shapes[0] if len(case.shapes) == 1 else case.shapes,
        input_dtype=case.dtypes[0] if len(case.shapes) == 1 else tuple(case.dtypes),
        expected_output_shape=case.output_shape,
        expected_num_trainable_weights=len(layer.trainable_weights),
        expected_num_non_trainable_weights=len(layer.non_trainable_weights),
        # Randomness comes from the seed of the update; a layer inside a network owns a generator.
        expected_num_seed_generators=1 if case.random and not takes_a_seed(case) else 0,
        expected_num_losses=0,
    )


@over(is_layer)
def test_output_shape_is_computed_before_the_call(case):
    layer = case.build()
    unknown = [(None, *shape[1:]) for shape in case.shapes]
    assert shapes_in(layer.compute_output_shape(case.input_shape)) == case.output_shapes
    expected = [(None, *shape[1:]) for shape in case.output_shapes]
    assert shapes_in(layer.compute_output_shape(unknown[0] if len(unknown) == 1 else unknown)) == expected


@over(is_layer)
def test_layer_takes_a_symbolic_batch_of_unknown_size(case):
    outputs = case.build()(symbolic(case))
    received = [tuple(output.shape) for output in keras.tree.flatten(outputs)]
    assert received == [(None, *shape[1:]) for shape in case.output_shapes]


def test_the_harness_finds_a_wrong_shape():
    with pytest.raises(AssertionError, match="Expected output shapes"):
        TestCase().run_layer_test(keras.layers.Dense, {"units": 2}, input_shape=(2, 3), expected_output_shape=(2, 3))
