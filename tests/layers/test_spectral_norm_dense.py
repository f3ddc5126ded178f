"""What is particular to the dense layer; the rest is in test_spectral_norm*.py."""

import keras
import numpy as np

from tfgan_tricks.layers import SpectralNormDense


def test_a_network_of_them_is_1_lipschitz_and_the_bound_is_tight_for_one():
    rng = np.random.default_rng(0)
    network = keras.Sequential([SpectralNormDense(9, activation="relu"), SpectralNormDense(5, activation="tanh")])
    one = SpectralNormDense(4, use_bias=False, kernel_initializer=keras.initializers.RandomNormal(stddev=3.0))
    a, b = rng.normal(size=(2, 1000, 6)).astype("float32")
    stretch = np.linalg.norm(network(a) - network(b), axis=-1) / np.linalg.norm(a - b, axis=-1)
    assert stretch.max() <= 1.0
    one.build((None, 6))
    top = np.linalg.svd(one.kernel.numpy().T)[2][:1]  # the input that the kernel stretches most
    np.testing.assert_allclose(np.linalg.norm(one(top)), 1.0, rtol=1e-5)


def test_masks_pass_through():
    embedded = keras.layers.Embedding(5, 3, mask_zero=True)(np.array([[1, 0, 2]]))
    outputs = SpectralNormDense(2)(embedded)
    np.testing.assert_array_equal(keras.src.backend.get_keras_mask(outputs), [[True, False, True]])
