"""Minibatch discrimination against a double loop over pairs."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_tricks.layers import MinibatchDiscrimination

B, C = 3, 2


def closeness(x, kernel) -> np.ndarray:
    """Returns o, [n, B], from the definition."""
    matrices = (np.asarray(x, "float64") @ np.asarray(kernel, "float64")).reshape(len(x), B, C)
    o = np.zeros((len(x), B))
    for i in range(len(x)):
        for b in range(B):
            for j in range(len(x)):
                if j != i:
                    o[i, b] += np.exp(-np.abs(matrices[i, b] - matrices[j, b]).sum())
    return o


def random(n: int, seed=0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, 4)).astype("float32")


def layer_of(**arguments) -> MinibatchDiscrimination:
    initializer = keras.initializers.RandomNormal(stddev=0.5, seed=3)
    layer = MinibatchDiscrimination(B, C, kernel_initializer=initializer, **arguments)
    layer.build((None, 4))
    return layer


@pytest.mark.parametrize("n", [1, 2, 7])
def test_features_equal_the_double_loop_and_are_appended(n):
    layer, x = layer_of(), random(n)
    outputs = np.asarray(layer(x))
    np.testing.assert_array_equal(outputs[:, :4], x)
    np.testing.assert_allclose(outputs[:, 4:], closeness(x, layer.kernel), rtol=1e-5, atol=1e-7)


def test_gradients_equal_finite_differences_of_the_double_loop():
    layer, x, weights = layer_of(), random(5), np.random.default_rng(1).normal(size=(5, B))
    with tf.GradientTape() as tape:
        inputs = tf.constant(x)
        tape.watch(inputs)
        total = tf.reduce_sum(weights.astype("float32") * layer(inputs)[:, 4:])
    slopes = tape.gradient(total, [inputs, layer.kernel.value])
    point = [x.astype("float64"), np.asarray(layer.kernel, "float64")]
    for which, slope in enumerate(slopes):
        expected = np.zeros(slope.shape)
        for place in np.ndindex(*slope.shape):
            ends = []
            for step in (1e-6, -1e-6):
                moved = [value.copy() for value in point]
                moved[which][place] += step
                ends.append((weights * closeness(*moved)).sum())
            expected[place] = (ends[0] - ends[1]) / 2e-6
        np.testing.assert_allclose(slope, expected, rtol=1e-4, atol=1e-5)


def test_permuting_the_batch_permutes_the_outputs():
    layer, x, order = layer_of(), random(7), np.random.default_rng(1).permutation(7)
    np.testing.assert_allclose(layer(x[order]), np.asarray(layer(x))[order], rtol=1e-5)


def test_features_lie_between_nobody_near_and_all_alike():
    layer = layer_of()
    np.testing.assert_allclose(layer(np.repeat(random(1), 6, axis=0))[:, 4:], 5.0, rtol=1e-6)
    np.testing.assert_allclose(layer(1e4 * random(6))[:, 4:], 0.0, atol=1e-6)
    np.testing.assert_array_equal(layer(random(1))[:, 4:], np.zeros((1, B)))


def test_unknown_batch_size():
    layer = layer_of()
    inputs = keras.Input((4,))
    model = keras.Model(inputs, layer(inputs))
    compute = tf.function(model, input_signature=[tf.TensorSpec((None, 4))])
    for n in (6, 1, 3):
        expected = closeness(random(n), layer.kernel)
        np.testing.assert_allclose(compute(random(n))[:, 4:], expected, rtol=1e-5, atol=1e-7)


def test_distances_are_float32_in_half_precision():
    # The rows differ by 1 in 2000, which float16 cannot tell apart after the product with T.
    layer = MinibatchDiscrimination(1, 1, kernel_initializer="ones", dtype="mixed_float16")
    x = np.array([[1024.0, 1024.0], [1025.0, 1024.0]], "float16")
    assert layer(x).dtype == tf.float16
    np.testing.assert_allclose(layer(x)[:, 2], np.exp(-1.0), rtol=1e-3)


@pytest.mark.parametrize("across", [False, True])
def test_replicas_judge_by_themselves_unless_told_otherwise(two_replicas, across):
    x = random(7)
    with two_replicas.scope():
        layer = layer_of(across_replicas=across)
    parts = [x[:4], x[4:]]
    inputs = two_replicas.experimental_distribute_values_from_function(
        lambda context: tf.constant(parts[context.replica_id_in_sync_group])
    )
    outputs = tf.function(lambda values: two_replicas.run(layer, args=(values,)))(inputs)
    received = np.concatenate([value.numpy()[:, 4:] for value in two_replicas.experimental_local_results(outputs)])
    whole = closeness(x, layer.kernel.numpy())
    separate = np.concatenate([closeness(part, layer.kernel.numpy()) for part in parts])
    assert np.abs(separate - whole).max() > 0.1
    np.testing.assert_allclose(received, whole if across else separate, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(
    ("arguments", "shape", "error", "match"),
    [
        ({"features": 0}, (4, 2), ValueError, "features=0"),
        ({"kernel_dims": -1}, (4, 2), ValueError, "kernel_dims=-1"),
        ({"across_replicas": 1}, (4, 2), TypeError, "across_replicas=1"),
        ({}, (4, 2, 2, 3), ValueError, r"shape \(4, 2, 2, 3\).*Flatten"),
    ],
)
def test_refuses(arguments, shape, error, match):
    with pytest.raises(error, match=f"(?s){match}"):
        MinibatchDiscrimination(**arguments)(np.zeros(shape, "float32"))
