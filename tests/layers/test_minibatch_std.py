"""Minibatch standard deviation against a loop over groups, positions and channels."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_tricks.layers import MinibatchStd


def members(n: int, size: int) -> list[list[int]]:
    """Returns the examples of each group: example i is in group i mod M."""
    number = max(n // size, 1)
    return [[i for i in range(n) if i % number == group] for group in range(number)]


def map_values(x, size: int) -> np.ndarray:
    """Returns the value of each example's map, [n], from the definition."""
    x = np.asarray(x, "float64").reshape(len(x), -1)
    values = np.zeros(len(x))
    for group in members(len(x), size):
        deviations = []
        for place in range(x.shape[1]):
            numbers = [x[i, place] for i in group]
            mean = sum(numbers) / len(numbers)
            deviations.append(np.sqrt(sum((number - mean) ** 2 for number in numbers) / len(numbers) + 1e-8))
        values[group] = sum(deviations) / len(deviations)
    return values


def random(shape, seed=0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.5, 2.0, size=shape).astype("float32")


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 7, 8, 11, 12])
@pytest.mark.parametrize("size", [2, 4])
def test_map_equals_the_loop_for_any_batch_size(n, size):
    x = random((n, 3, 2, 5))
    outputs = np.asarray(MinibatchStd(size)(x))
    assert outputs.shape == (n, 3, 2, 6)
    np.testing.assert_array_equal(outputs[..., :-1], x)
    expected = np.broadcast_to(map_values(x, size)[:, None, None], (n, 3, 2))
    np.testing.assert_allclose(outputs[..., -1], expected, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("n", range(1, 40))
def test_groups_are_as_documented(n):
    sizes = [len(group) for group in members(n, 4)]
    assert sum(sizes) == n
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] - sizes[-1] <= 1
    assert sizes[-1] >= min(n, 4)


def test_changing_an_example_moves_its_own_group_only():
    x = random((8, 2, 2, 3))
    changed = x.copy()
    changed[3] += 1.0 + np.arange(3)
    moved = [np.asarray(MinibatchStd(4)(inputs))[:, 0, 0, -1] for inputs in (x, changed)]
    np.testing.assert_array_equal(np.flatnonzero(moved[0] != moved[1]), [1, 3, 5, 7])


@pytest.mark.parametrize("shape", [(9, 4), (9, 2, 3), (9, 2, 1, 2, 2)])
def test_vectors_and_other_ranks(shape):
    x = random(shape)
    outputs = np.asarray(MinibatchStd(3)(x))
    assert outputs.shape == (*shape[:-1], shape[-1] + 1)
    np.testing.assert_allclose(outputs[..., -1].reshape(9, -1)[:, -1], map_values(x, 3), rtol=1e-5)


@pytest.mark.parametrize("n", [6, 7])
def test_gradient_equals_finite_differences_of_the_loop(n):
    x, weights = random((n, 2, 1, 2)), random((n,), seed=1)
    with tf.GradientTape() as tape:
        inputs = tf.constant(x)
        tape.watch(inputs)
        total = tf.reduce_sum(weights * MinibatchStd(3)(inputs)[:, 0, 0, -1])
    expected = np.zeros(x.shape)
    for place in np.ndindex(*x.shape):
        step = np.zeros(x.shape)
        step[place] = 1e-5
        expected[place] = (weights * (map_values(x + step, 3) - map_values(x - step, 3))).sum() / 2e-5
    np.testing.assert_allclose(tape.gradient(total, inputs), expected, rtol=1e-3, atol=1e-5)


def test_permuting_a_batch_of_one_group_permutes_the_outputs():
    x, order = random((5, 2, 2, 3)), np.random.default_rng(1).permutation(5)
    layer = MinibatchStd(5)
    np.testing.assert_allclose(layer(x[order]), np.asarray(layer(x))[order], rtol=1e-5)


def test_permutations_that_keep_the_groups_together_permute_the_outputs():
    x, layer = random((8, 2, 2, 3)), MinibatchStd(4)
    within, exchanged = [4, 3, 2, 1, 6, 7, 0, 5], [1, 0, 3, 2, 5, 4, 7, 6]  # even and odd examples are the groups
    for order in (within, exchanged):
        np.testing.assert_allclose(layer(x[order]), np.asarray(layer(x))[order], rtol=1e-5)
    split = [0, 1, 2, 3, 4, 5, 7, 6]
    assert np.abs(layer(x[split]) - np.asarray(layer(x))[split]).max() > 1e-3


def test_equal_examples_give_the_root_of_epsilon_and_a_finite_gradient():
    inputs = tf.constant(np.repeat(random((1, 2, 2, 3)), 4, axis=0))
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        value = MinibatchStd(4)(inputs)[..., -1]
    np.testing.assert_allclose(value, 1e-4, rtol=1e-3)
    assert np.isfinite(tape.gradient(value, inputs)).all()


def test_unknown_batch_and_spatial_size():
    layer = MinibatchStd(4)
    inputs = keras.Input((None, None, 3))
    outputs = layer(inputs)
    assert outputs.shape == (None, None, None, 4)
    compute = tf.function(keras.Model(inputs, outputs), input_signature=[tf.TensorSpec((None, None, None, 3))])
    for shape in ((8, 2, 3, 3), (5, 4, 1, 3), (3, 1, 1, 3), (1, 2, 2, 3)):
        x = random(shape)
        np.testing.assert_allclose(compute(x)[:, 0, 0, -1], map_values(x, 4), rtol=1e-5, atol=1e-9)
    assert compute(np.zeros((0, 2, 2, 3), "float32")).shape == (0, 2, 2, 4)


def test_squares_do_not_overflow_in_half_precision():
    x = np.round(random((4, 2, 2, 3)) * 200).clip(-1000, 1000)
    outputs = MinibatchStd(4, dtype="mixed_float16")(x)
    assert outputs.dtype == tf.float16
    np.testing.assert_allclose(outputs[:, 0, 0, -1], map_values(x, 4), rtol=1e-3)


@pytest.mark.parametrize("across", [False, True])
def test_replicas_judge_by_themselves_unless_told_otherwise(two_replicas, across):
    x = random((11, 2, 2, 3))
    with two_replicas.scope():
        layer = MinibatchStd(2, across_replicas=across)
    parts = [x[:6], x[6:]]  # of different sizes, as in the last step of an epoch
    inputs = two_replicas.experimental_distribute_values_from_function(
        lambda context: tf.constant(parts[context.replica_id_in_sync_group])
    )
    outputs = tf.function(lambda values: two_replicas.run(layer, args=(values,)))(inputs)
    outputs = np.concatenate([value.numpy() for value in two_replicas.experimental_local_results(outputs)])
    separate = np.concatenate([map_values(part, 2) for part in parts])
    assert np.abs(separate - map_values(x, 2)).max() > 0.1
    np.testing.assert_allclose(outputs[:, 0, 0, -1], map_values(x, 2) if across else separate, rtol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "shape", "error", "match"),
    [
        ({"groups": 1}, (4, 2, 2, 3), ValueError, r"groups=1\b.*at least 2|at least 2.*groups=1\b"),
        ({"groups": 2.5}, (4, 2, 2, 3), ValueError, "groups=2.5"),
        ({"across_replicas": "yes"}, (4, 2, 2, 3), TypeError, "across_replicas='yes'"),
        ({}, (4,), ValueError, r"shape \(4,\).*batch and a channel axis"),
    ],
)
def test_refuses(arguments, shape, error, match):
    with pytest.raises(error, match=f"(?s){match}"):
        MinibatchStd(**arguments)(np.zeros(shape, "float32"))
