"""Batch statistics on two replicas: those of each part, or, synchronised, those of the whole batch."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_tricks.layers import SPADE, ConditionalBatchNorm, LabelModulation, Modulated

RNG = np.random.default_rng(11)
X = RNG.normal(1.0, 2.0, size=(4, 5, 3, 2)).astype("float32")
X[:2] *= 3  # so that the halves have other statistics than the whole
LABELS = np.array([2, 0, 1, 2], "int32")
MAPS = RNG.normal(size=(4, 5, 3, 2)).astype("float32")
MOMENTUM = 0.6


def conditional(**arguments) -> Modulated:
    norm = keras.layers.BatchNormalization(momentum=MOMENTUM, center=False, scale=False, **arguments)
    return Modulated(norm, LabelModulation(classes=3))


def normalized(x, whole):
    axes = (0, 1, 2)
    return (x - whole.mean(axes)) / np.sqrt(whole.var(axes) + 1e-3)


def on_replicas(strategy, layer, condition) -> np.ndarray:
    """Returns what the two replicas compute in training, one half of the batch each."""
    inputs = strategy.experimental_distribute_values_from_function(
        lambda context: [tf.constant(np.split(v, 2)[context.replica_id_in_sync_group]) for v in (X, condition)]
    )

    @tf.function
    def step(inputs):
        return strategy.run(lambda parts: layer(list(parts), training=True), args=(inputs,))

    return np.concatenate([part.numpy() for part in strategy.experimental_local_results(step(inputs))])


@pytest.mark.parametrize("make", [lambda: ConditionalBatchNorm(3, momentum=MOMENTUM), conditional])
def test_each_replica_normalises_by_its_own_part_and_keeps_its_own_moving_statistics(make, two_replicas):
    with two_replicas.scope():
        layer = make()
        layer.build([X.shape, LABELS.shape])
        layer.modulation.gamma.assign(gamma := RNG.normal(size=(3, 2)))
        layer.modulation.beta.assign(beta := RNG.normal(size=(3, 2)))
    received = on_replicas(two_replicas, layer, LABELS)
    halves = np.concatenate([normalized(half, half) for half in np.split(X.astype("float64"), 2)])
    expected = np.stack([gamma[k] * halves[i] + beta[k] for i, k in enumerate(LABELS)])
    np.testing.assert_allclose(received, expected, rtol=1e-4, atol=1e-5)
    copies = two_replicas.experimental_local_results(layer.norm.moving_mean.value)
    for copy, half in zip(copies, np.split(X, 2), strict=True):  # Keras' norm never brings them together
        np.testing.assert_allclose(copy, (1 - MOMENTUM) * half.mean((0, 1, 2)), rtol=1e-4)
    np.testing.assert_array_equal(layer.norm.moving_mean, copies[0])


def test_synchronised_they_normalise_by_the_whole_batch(two_replicas):
    with two_replicas.scope():
        layer = conditional(synchronized=True)
        layer.build([X.shape, LABELS.shape])
    received = on_replicas(two_replicas, layer, LABELS)
    np.testing.assert_allclose(received, normalized(X, X), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(layer.norm.moving_mean, (1 - MOMENTUM) * X.mean((0, 1, 2)), rtol=1e-4)


def test_spade_on_each_replica_is_what_it_is_alone_on_that_part(two_replicas):
    alone = SPADE(hidden=5, momentum=MOMENTUM)
    expected = [alone([x, maps], training=True) for x, maps in zip(np.split(X, 2), np.split(MAPS, 2), strict=True)]
    with two_replicas.scope():
        layer = SPADE(hidden=5, momentum=MOMENTUM)
        layer.build([X.shape, MAPS.shape])
    for weight, value in zip(layer.trainable_weights, alone.trainable_weights, strict=True):
        weight.assign(value)
    np.testing.assert_allclose(on_replicas(two_replicas, layer, MAPS), np.concatenate(expected), rtol=1e-4, atol=1e-5)
