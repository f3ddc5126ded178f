"""σ of all layers of a model, against singular value decomposition."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tfgan_tricks.layers import SpectralNormalization, SpectralNormConv2D, SpectralNormDense, spectral_norms


def network() -> keras.Model:
    images = keras.Input((8, 8, 2))
    block = keras.Sequential([SpectralNormConv2D(3, 3, name="first"), keras.layers.ReLU()], name="block")
    x = keras.layers.Flatten()(block(images))
    x = SpectralNormalization(keras.layers.Dense(4, name="inner"), name="wrapped")(x)
    shared = SpectralNormDense(4, name="shared")
    return keras.Model(images, keras.layers.Dense(1)(shared(shared(x))))


def top(kernel) -> float:
    matrix = np.reshape(kernel, (-1, kernel.shape[-1]))
    return np.linalg.svd(matrix, compute_uv=False)[0]


def test_every_spectral_normalised_layer_is_listed_once_with_the_sigma_of_its_raw_kernel():
    model = network()
    found = spectral_norms(model)
    assert list(found) == ["block/first", "wrapped", "shared"]
    kernels = {
        "block/first": model.get_layer("block").get_layer("first").kernel,
        "wrapped": model.get_layer("wrapped").layer.kernel,
        "shared": model.get_layer("shared").kernel,
    }
    for path, kernel in kernels.items():
        assert float(found[path]) == pytest.approx(top(kernel.numpy()), rel=1e-4)


def test_a_layer_that_two_networks_share_is_listed_once():
    shared = SpectralNormDense(3, name="shared")
    images = keras.Input((3,))
    one = keras.Model(images, shared(images), name="one")
    other = keras.Model(images, keras.layers.ReLU()(shared(images)), name="other")
    assert list(spectral_norms(keras.Model(images, other(one(images))))) == ["one/shared"]


def test_reading_moves_nothing_and_follows_the_kernel():
    model = network()
    before = [weight.numpy() for weight in model.weights]
    first = spectral_norms(model)
    for weight, value in zip(model.weights, before, strict=True):
        np.testing.assert_array_equal(weight, value)
    model.get_layer("shared").kernel.assign(3.0 * model.get_layer("shared").kernel)
    second = spectral_norms(model)
    assert float(second["shared"]) == pytest.approx(3.0 * float(first["shared"]), rel=1e-5)
    assert float(second["wrapped"]) == float(first["wrapped"])


def test_a_layer_alone_layers_of_one_name_and_models_without_any():
    layer = SpectralNormDense(2, name="alone")
    layer.build((None, 3))
    assert list(spectral_norms(layer)) == ["alone"]

    class Pair(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.one, self.other = SpectralNormDense(2, name="same"), SpectralNormDense(2, name="same")
            self.one.build((None, 3))
            self.other.build((None, 5))

    pair = Pair()
    found = spectral_norms(pair)
    assert {path: float(value) for path, value in found.items()} == {
        "same": float(pair.one.spectral_norm()),
        "same_1": float(pair.other.spectral_norm()),
    }
    assert spectral_norms(keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])) == {}


def test_it_works_in_a_graph_and_finds_the_layers_inside_a_head():
    head = tt.layers.ProjectionHead(classes=3)
    head.build([(None, 5), (None,)])
    inside = tf.function(lambda: spectral_norms(head))()
    assert {path: float(value) for path, value in inside.items()} == pytest.approx(
        {
            "linear": np.linalg.norm(head.linear.kernel),
            "embedding": np.linalg.svd(head.embedding.embeddings.numpy(), compute_uv=False)[0],
        },
        rel=1e-4,
    )


def test_outside_of_the_replicas_it_reads_what_they_share(two_replicas):
    with two_replicas.scope():
        layer = SpectralNormDense(2, name="shared")
        layer.build((None, 3))
    assert float(spectral_norms(layer)["shared"]) == pytest.approx(top(layer.kernel.numpy()), rel=1e-4)
