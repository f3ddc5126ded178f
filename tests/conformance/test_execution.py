"""Eager, graph and XLA compute the same values, gradients and states; so does any batch size."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.conformance.running import (
    is_architecture,
    is_batched,
    is_random,
    negate,
    over,
    run,
    takes_a_seed,
    value_and_gradient,
)
from tfgan_tricks.randomness import SeedStream

MODES = {
    "eager": lambda function: function,
    "graph": tf.function,
    "xla": functools.partial(tf.function, jit_compile=True),
}


def results(case, mode: str) -> dict[str, np.ndarray]:
    """Returns values, gradients and variables after one call, from the same weights and inputs in each mode.

    Networks go without gradients, whose compilation takes long; those of their layers are compared.
    """
    keras.utils.set_random_seed(1)
    built = case.build()
    compute = MODES[mode](lambda *inputs: value_and_gradient(built, inputs, gradients=not is_architecture(case)))
    return {name: np.asarray(value) for name, value in compute(*map(tf.constant, case.inputs())).items()}


def assert_same(one: dict, other: dict) -> None:
    assert set(one) == set(other)
    for name, expected in one.items():
        scale = max(float(np.abs(expected).max(initial=0)), 1e-3)
        np.testing.assert_allclose(other[name], expected, rtol=1e-4, atol=1e-5 * scale, err_msg=name)


@over()
def test_graph_equals_eager(case):
    assert_same(results(case, "eager"), results(case, "graph"))


@pytest.mark.slow
@over(negate(is_random), holding="xla")
def test_xla_equals_eager(case):
    assert_same(results(case, "eager"), results(case, "xla"))


@pytest.mark.slow
@over(is_random, holding="xla")
def test_xla_draws_by_the_seed_though_other_numbers_than_the_graph(case):
    # TensorFlow's stateless generators choose another algorithm under XLA.
    once, again = results(case, "xla"), results(case, "xla")
    assert_same(once, again)
    for name, value in results(case, "graph").items():
        assert once[name].shape == value.shape
        assert once[name].dtype == value.dtype
        assert np.isfinite(once[name]).all()


@over(is_random, takes_a_seed)
def test_values_are_a_function_of_the_seed(case):
    built, inputs = case.build(), case.inputs()
    one, same, other = run(built, inputs), run(built, inputs), run(built, inputs, SeedStream.from_integer(77))
    assert all(np.array_equal(one[name], same[name]) for name in one)
    assert any(not np.array_equal(one[name], other[name]) for name in one)


@over(is_batched, holding="any_batch")
def test_one_graph_serves_any_batch_size(case):
    built, eager, inputs = case.build(), case.build(), case.inputs()
    signature = [
        tf.TensorSpec((None, *shape[1:]), dtype) for shape, dtype in zip(case.shapes, case.dtypes, strict=True)
    ]
    expected = run(eager, inputs)  # first: it also makes the networks that tests share, which a graph would trace for
    compute = tf.function(lambda *arguments: run(built, arguments), input_signature=signature, autograph=False)
    half = len(inputs[0]) // 2
    whole_shapes, half_shapes = (
        {name: tuple(value.shape) for name, value in compute(*map(tf.constant, batch)).items()}
        for batch in (inputs, [value[:half] for value in inputs])
    )
    assert compute.experimental_get_tracing_count() == 1
    assert whole_shapes == {name: tuple(value.shape) for name, value in expected.items()}
    for name, shape in whole_shapes.items():
        assert half_shapes[name] == (shape[0] // 2, *shape[1:]) if shape else not half_shapes[name]


def test_the_comparison_finds_a_difference():
    one = {"value": np.array([1.0, 2.0])}
    assert_same(one, {"value": np.array([1.0, 2.0])})
    with pytest.raises(AssertionError):
        assert_same(one, {"value": np.array([1.0, 2.001])})
