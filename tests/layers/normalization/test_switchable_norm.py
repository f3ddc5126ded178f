"""Switchable normalisation against NumPy: any mixture, each pure norm, moving statistics, replicas."""

import numpy as np
import pytest
import tensorflow as tf
from norm_oracle import affine, close, gradients, images, moments, normalize, numeric_gradient, scattered

from tfgan_tricks.layers import SwitchableNorm

KINDS = ("instance", "layer", "batch")
SHAPES = {"images": (3, 2, 4, 3), "sequences": (2, 7, 3)}


def softmax(logits) -> np.ndarray:
    powers = np.exp(np.asarray(logits, "float64"))
    return powers / powers.sum()


def mixed(x, mean_logits, variance_logits, batch=None, gamma=1.0, beta=0.0) -> np.ndarray:
    """Returns the definition's value, with the batch statistics of `x` or those given."""
    statistics = [moments(x, "instance"), moments(x, "layer"), batch or moments(x, "batch")]
    mean = sum(w * mean for w, (mean, _) in zip(softmax(mean_logits), statistics, strict=True))
    variance = sum(w * variance for w, (_, variance) in zip(softmax(variance_logits), statistics, strict=True))
    return normalize(x, mean, variance, gamma, beta)


def build(shape, **arguments) -> SwitchableNorm:
    """Returns a layer with another value in each weight, those of the moving statistics included."""
    layer = SwitchableNorm(**arguments)
    layer.build(shape)
    scattered(layer)
    layer.moving_mean.assign(np.linspace(-1, 1, shape[-1]))
    layer.moving_variance.assign(np.linspace(0.5, 2, shape[-1]))
    return layer


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
@pytest.mark.parametrize(("center", "scale"), [(True, True), (False, False), (True, False)])
@pytest.mark.parametrize("training", [True, False])
def test_mean_and_variance_are_mixed_each_with_its_own_weights(shape, center, scale, training):
    x = images(shape)
    layer = build(shape, center=center, scale=scale)
    moving = None if training else (np.asarray(layer.moving_mean), np.asarray(layer.moving_variance))
    expected = mixed(x, layer.mean_logits, layer.variance_logits, moving, **affine(layer))
    close(layer(x, training=training), expected, rtol=1e-5)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_with_one_weight_it_is_one_norm(kind, training):
    x = images()
    layer = build(x.shape)
    for logits in (layer.mean_logits, layer.variance_logits):
        logits.assign([100.0 if kind == other else -100.0 for other in KINDS])
    pure = moments(x, kind)
    if kind == "batch" and not training:
        pure = np.asarray(layer.moving_mean), np.asarray(layer.moving_variance)
    close(layer(x, training=training), normalize(x, *pure, **affine(layer)), rtol=1e-5)


def test_the_weights_of_means_and_of_variances_sum_to_1_and_start_equal():
    layer = SwitchableNorm()
    layer.build((2, 3, 3, 2))
    np.testing.assert_allclose(layer.mixture(), np.full((2, 3), 1 / 3), rtol=1e-6)
    layer.mean_logits.assign([3.0, -1.0, 0.5])
    layer.variance_logits.assign([-200.0, 200.0, 190.0])
    mean_weights, variance_weights = layer.mixture()
    np.testing.assert_allclose(mean_weights, softmax([3.0, -1.0, 0.5]), rtol=1e-5)
    np.testing.assert_allclose(variance_weights, softmax([-400.0, 0.0, -10.0]), rtol=1e-5, atol=1e-30)
    np.testing.assert_allclose(np.sum(layer.mixture(), axis=1), [1.0, 1.0], rtol=1e-6)


@pytest.mark.parametrize("training", [True, False])
def test_gradients_are_those_of_finite_differences(training):
    x = images((2, 2, 3, 2))
    layer = build(x.shape)
    moving = None if training else (np.asarray(layer.moving_mean), np.asarray(layer.moving_variance))
    point = {weight.name: np.asarray(weight) for weight in layer.trainable_weights}
    assert list(point) == ["gamma", "beta", "mean_logits", "variance_logits"]
    received = gradients(layer, x, training=training)
    for (name, at), slopes in zip({"x": x, **point}.items(), received, strict=True):

        def value(moved, name=name):
            return mixed(batch=moving, **{"x": x, **point, name: moved})

        close(slopes, numeric_gradient(value, at), rtol=1e-3)


def test_moving_statistics_after_several_batches_follow_their_formula():
    layer = build((3, 2, 4, 3), momentum=0.7)
    mean, variance = (np.asarray(weight, "float64") for weight in layer.non_trainable_weights)
    for seed in range(4):
        x = images(seed=seed)
        layer(x, training=True)
        layer(100 + x, training=False)  # counts for nothing
        batch_mean, batch_variance = (statistic[0, 0, 0] for statistic in moments(x, "batch"))
        mean = 0.7 * mean + 0.3 * batch_mean
        variance = 0.7 * variance + 0.3 * batch_variance
        close(layer.moving_mean.value, mean, rtol=1e-5)
        close(layer.moving_variance.value, variance, rtol=1e-5)


def test_a_frozen_layer_uses_and_keeps_its_moving_statistics():
    x = images()
    layer = build(x.shape)
    expected = np.asarray(layer(x, training=False))
    before = [weight.numpy() for weight in (layer.moving_mean, layer.moving_variance)]
    layer.trainable = False
    np.testing.assert_array_equal(layer(x, training=True), expected)
    for weight, value in zip((layer.moving_mean, layer.moving_variance), before, strict=True):
        np.testing.assert_array_equal(weight, value)


def test_replicas_normalise_by_their_own_batch_and_average_their_moving_statistics(two_replicas):
    halves = [images(seed=1), 2 + 3 * images(seed=2)]
    with two_replicas.scope():
        layer = SwitchableNorm(momentum=0.6)
        layer.build(halves[0].shape)
    x = two_replicas.experimental_distribute_values_from_function(
        lambda context: tf.constant(halves[context.replica_id_in_sync_group])
    )
    step = tf.function(lambda x: two_replicas.run(lambda x: layer(x, training=True), args=(x,)))
    for received, half in zip(two_replicas.experimental_local_results(step(x)), halves, strict=True):
        close(received, mixed(half, np.zeros(3), np.zeros(3)), rtol=1e-5)
    means, variances = zip(*(moments(half, "batch") for half in halves), strict=True)
    for copy in two_replicas.experimental_local_results(layer.moving_mean.value):
        close(copy, 0.4 * np.mean(means, axis=0)[0, 0, 0], rtol=1e-5)
    for copy in two_replicas.experimental_local_results(layer.moving_variance.value):
        close(copy, 0.6 + 0.4 * np.mean(variances, axis=0)[0, 0, 0], rtol=1e-5)


def test_moments_are_float32_where_float16_would_overflow():
    x = 300.0 * np.sign(images()) + images(seed=3)  # 300² is more than float16 holds
    layer = SwitchableNorm(dtype="mixed_float16", momentum=0.0)
    outputs = layer(x, training=True)
    assert outputs.dtype == "float16"
    assert {weight.dtype for weight in layer.weights} == {"float32"}
    half = x.astype("float16").astype("float64")
    close(outputs, mixed(half, np.zeros(3), np.zeros(3)), rtol=1e-3)
    close(layer.moving_variance.value, moments(half, "batch")[1][0, 0, 0], rtol=1e-5)


def test_a_constant_batch_gives_the_offset_and_finite_gradients():
    x = np.full((2, 3, 3, 2), 5.0, "float32")
    layer = build(x.shape)
    np.testing.assert_allclose(layer(x, training=True), np.broadcast_to(layer.beta, x.shape), atol=1e-4)
    assert all(np.isfinite(slopes).all() for slopes in gradients(layer, x, training=True))


@pytest.mark.parametrize("momentum", [-0.1, 1.0, "fast"])
def test_a_momentum_outside_of_0_to_1_is_refused(momentum):
    with pytest.raises(ValueError, match=rf"(?s)Received: momentum={momentum!r}.*Fix: "):
        SwitchableNorm(momentum=momentum)


def test_vectors_are_refused():
    with pytest.raises(ValueError, match=r"(?s)SwitchableNorm.*Received: shape \(4, 3\).*Fix: "):
        SwitchableNorm()(np.ones((4, 3), "float32"))
