"""A reference goes through a network as in the paper, layer after layer, and again whenever weights have moved."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from norm_oracle import affine, close, images, moments, normalize, scattered, virtual

from tfgan_tricks.layers import SwitchableNorm, VirtualBatchNorm, adapt_virtual_batch_norms


def network() -> tuple[keras.Model, list[keras.Layer]]:
    """Returns a network of two virtual batch norms, one in a model inside, and its layers in order."""
    first, second = keras.layers.Dense(4), keras.layers.Dense(3, activation="tanh")
    norms = VirtualBatchNorm(), VirtualBatchNorm(center=False)
    inner = keras.Sequential([keras.Input((4,)), second, norms[1]])
    inputs = keras.Input((5,))
    model = keras.Model(inputs, inner(keras.layers.Dropout(0.5)(norms[0](first(inputs)))))
    for layer in (first, *norms):
        scattered(layer)
    return model, [first, norms[0], second, norms[1]]


def through(layers, x, reference) -> tuple[np.ndarray, np.ndarray]:
    """Returns what `network` computes of the inputs and of the reference, passed along as in the paper."""
    for layer in layers:
        if isinstance(layer, VirtualBatchNorm):
            arguments = affine(layer)
            x = virtual(x, reference, **arguments)
            reference = normalize(reference, *moments(reference, "batch"), **arguments)
        else:
            x, reference = (np.asarray(layer(value.astype("f")), "float64") for value in (x, reference))
    return x, reference


def test_in_a_network_the_reference_goes_through_normalised_by_itself():
    model, layers = network()
    reference, x = images((8, 5), seed=1), images((3, 5), seed=2)
    adapt_virtual_batch_norms(model, reference)
    assert layers[1].adapted
    assert layers[3].adapted
    close(model(x), through(layers, x, reference)[0], rtol=1e-4)
    alone = model(x[:1], training=False)
    close(alone, np.asarray(model(x))[:1], rtol=1e-5)  # whatever the company


def test_statistics_are_stale_when_weights_have_moved_until_they_are_adapted_again():
    model, layers = network()
    reference, x = images((8, 5), seed=1), images((3, 5), seed=2)
    adapt_virtual_batch_norms(model, reference)
    layers[0].kernel.assign(3 * layers[0].kernel + 1)
    current = through(layers, x, reference)[0]
    assert np.abs(np.asarray(model(x)) - current).max() > 0.1
    adapt_virtual_batch_norms(model, reference)
    close(model(x), current, rtol=1e-4)


def test_a_callback_refreshes_the_statistics_during_training():
    model, layers = network()
    reference = images((8, 5), seed=1)
    refresh = keras.callbacks.LambdaCallback(
        on_train_batch_begin=lambda batch, logs: adapt_virtual_batch_norms(model, reference),
    )
    kernels, means = [], []
    keep = keras.callbacks.LambdaCallback(
        on_train_batch_begin=lambda batch, logs: kernels.append(layers[0].get_weights()),
        on_train_batch_end=lambda batch, logs: means.append(layers[1].reference_mean.numpy()),
    )
    model.compile("sgd", "mse")
    x, y = images((6, 5), seed=3), images((6, 3), seed=4)
    model.fit(x, y, batch_size=2, epochs=1, callbacks=[refresh, keep], verbose=0)
    for (kernel, bias), mean in zip(kernels, means, strict=True):
        close(mean, (reference @ kernel + bias).mean(0), rtol=1e-4)
    assert np.abs(means[0] - means[-1]).max() > 1e-4


def test_the_state_is_saved_and_served(tmp_path):
    model, _ = network()
    reference, x = images((8, 5), seed=1), images((3, 5), seed=2)
    adapt_virtual_batch_norms(model, reference)
    expected = model(x)
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(keras.models.load_model(tmp_path / "model.keras")(x), expected)
    model.export(tmp_path / "served", format="tf_saved_model", verbose=False)
    served = tf.saved_model.load(tmp_path / "served")
    np.testing.assert_allclose(served.serve(x), expected, rtol=1e-5, atol=1e-6)
    for jit_compile in (False, True):
        np.testing.assert_allclose(tf.function(model, jit_compile=jit_compile)(x), expected, rtol=1e-5, atol=1e-6)


def test_a_network_without_the_layer_is_refused():
    with pytest.raises(ValueError, match=r"(?s)nothing to adapt.*Received: SwitchableNorm 'other'.*Fix: "):
        adapt_virtual_batch_norms(SwitchableNorm(name="other"), images())


def test_a_pass_that_fails_leaves_no_layer_in_the_middle_of_it():
    model, layers = network()
    with pytest.raises(ValueError, match=r"incompatible|expected"):
        adapt_virtual_batch_norms(model, images((8, 4)))
    model(images((8, 5)))  # an ordinary call, in which nothing may be kept
    assert not layers[1].adapted
    assert not layers[3].adapted
