"""Virtual batch normalisation against NumPy: the union of reference and example, adapted in place or in a network."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from norm_oracle import affine, close, gradients, images, normalize, numeric_gradient, scattered, virtual

from tfgan_tricks.layers import VirtualBatchNorm

SHAPES = {"images": (4, 2, 3, 3), "vectors": (5, 3), "sequences": (3, 4, 2)}
each_shape = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())


def adapted(reference, **arguments) -> VirtualBatchNorm:
    layer = VirtualBatchNorm(**arguments)
    layer.build(reference.shape)
    scattered(layer)
    layer.adapt(reference)
    return layer


@each_shape
@pytest.mark.parametrize(("center", "scale"), [(True, True), (False, False), (False, True)])
def test_each_example_is_normalised_in_a_batch_of_the_reference_and_itself(shape, center, scale):
    reference, x = images((6, *shape[1:]), seed=1), 1 + 2 * images(shape, seed=2)
    layer = adapted(reference, center=center, scale=scale, epsilon=0.01)
    expected = virtual(x, reference, **affine(layer), epsilon=0.01)
    close(layer(x), expected, rtol=1e-5)
    close(layer(x, training=True), expected, rtol=1e-5)


def test_statistics_are_weighted_by_examples_where_sizes_differ():
    reference, x = images((6, 4, 5, 2), seed=1), 3 + images((2, 2, 3, 2), seed=2)
    received = np.asarray(adapted(reference, center=False, scale=False)(x))
    for channel in range(2):
        group = reference[..., channel].astype("float64")
        for example in range(2):
            own = x[example, ..., channel].astype("float64")
            mean = 1 / 7 * own.mean() + 6 / 7 * group.mean()
            mean_square = 1 / 7 * (own**2).mean() + 6 / 7 * (group**2).mean()
            close(received[example, ..., channel], (own - mean) / np.sqrt(mean_square - mean**2 + 1e-5), rtol=1e-5)


def test_gradients_are_those_of_finite_differences():
    reference, x = images((4, 2, 2, 2), seed=1), 1 + images((2, 2, 2, 2), seed=2)
    layer = adapted(reference)
    point = {"x": x, **affine(layer)}
    for (name, at), slopes in zip(point.items(), gradients(layer, x), strict=True):

        def value(moved, name=name):
            return virtual(**{**point, name: moved}, reference=reference)

        close(slopes, numeric_gradient(value, at), rtol=1e-3)


def test_nothing_but_adapt_moves_the_statistics():
    reference, x = images(seed=1), images(seed=2)
    layer = adapted(reference)
    before = [weight.numpy() for weight in layer.non_trainable_weights]
    layer(10 * x, training=True)
    for weight, value in zip(layer.non_trainable_weights, before, strict=True):
        np.testing.assert_array_equal(weight, value)
    layer.adapt(5 - x)  # the next reference takes the place of the first
    close(layer(reference), virtual(reference, 5 - x, **affine(layer)), rtol=1e-5)


@each_shape
def test_an_unadapted_layer_only_scales_and_shifts(shape):
    x = images(shape)
    layer = VirtualBatchNorm(epsilon=0.5)
    assert not layer.adapted
    layer.build(shape)
    assert not layer.adapted
    scattered(layer)
    close(layer(x, training=True), normalize(x, 0.0, 1.0, **affine(layer), epsilon=0.5), rtol=1e-5)
    layer.adapt(x)
    assert layer.adapted


@pytest.mark.parametrize("is_adapted", [False, True])
def test_whether_it_is_adapted_can_be_told_after_loading(is_adapted, tmp_path):
    def network():
        return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2), VirtualBatchNorm(dtype="mixed_float16")])

    model, other = network(), network()
    if is_adapted:
        model.layers[1].adapt(images((2000, 2)))  # a share of 1 / 2001
    model.save(tmp_path / "model.keras")
    model.save_weights(tmp_path / "model.weights.h5")
    other.load_weights(tmp_path / "model.weights.h5")
    for loaded in (keras.models.load_model(tmp_path / "model.keras"), other):
        before = [weight.numpy() for weight in loaded.weights]
        assert loaded.layers[1].adapted is is_adapted
        for weight, value in zip(loaded.weights, before, strict=True):
            np.testing.assert_array_equal(weight, value)  # asking changes nothing


def test_replicas_share_the_statistics_of_one_reference(two_replicas):
    reference, x = images(seed=1), images(seed=2)
    with two_replicas.scope():
        layer = VirtualBatchNorm()
        layer.build(reference.shape)
    layer.adapt(reference)
    step = tf.function(lambda: two_replicas.run(lambda: layer(x)))
    for received in two_replicas.experimental_local_results(step()):
        close(received, virtual(x, reference), rtol=1e-5)


def test_moments_are_float32_where_float16_would_overflow():
    reference, x = (300.0 * np.sign(images(seed=s)) + images(seed=s + 2) for s in (1, 2))  # 300² overflows float16
    layer = adapted(reference, dtype="mixed_float16", center=False, scale=False)
    outputs = layer(x)
    assert outputs.dtype == "float16"
    assert {weight.dtype for weight in layer.weights} == {"float32"}
    half = [value.astype("float16").astype("float64") for value in (x, reference)]
    close(outputs, virtual(*half), rtol=1e-3)


def test_a_large_mean_does_not_spoil_the_variance():
    reference, x = 1000 + images(seed=1), 1000 + images(seed=2)  # E[x²] - E[x]² would keep no more than two digits
    close(adapted(reference, center=False, scale=False)(x), virtual(x, reference), rtol=1e-3)


def test_a_constant_reference_and_input_give_the_offset_and_finite_gradients():
    x = np.full((2, 3, 3, 2), 5.0, "float32")
    layer = adapted(x)
    np.testing.assert_allclose(layer(x), np.broadcast_to(layer.beta, x.shape), atol=1e-4)
    assert all(np.isfinite(slopes).all() for slopes in gradients(layer, x))


def test_a_reference_of_one_example_is_refused():
    with pytest.raises(ValueError, match=r"(?s)at least 2 examples.*Received: .*\(1, 2, 4, 3\).*Fix: "):
        VirtualBatchNorm().adapt(images()[:1])
